import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import {
  CreateTenantRequest,
  IdParams,
  Tenant,
  TenantPage,
  TenantQuery,
  UpdateTenantRequest,
} from '@telemetryflow/contracts';
import type { FastifyReply } from 'fastify';
import { Context, Describe, type RequestContext, RequirePermission } from '../../../shared/platform/index.js';
import { ChangeActivity } from '../application/hierarchy/commands/change-activity.js';
import { CreateTenant } from '../application/hierarchy/commands/create-tenant.js';
import { DeleteNode } from '../application/hierarchy/commands/delete-node.js';
import { RestoreNode } from '../application/hierarchy/commands/restore-node.js';
import { UpdateNode } from '../application/hierarchy/commands/update-node.js';
import { HierarchyViews } from '../application/hierarchy/hierarchy-views.js';

const TAG = 'Hierarchy';

@Controller('api/v2/tenants')
export class TenantsController {
  constructor(
    private readonly views: HierarchyViews,
    private readonly createTenant: CreateTenant,
    private readonly updateNode: UpdateNode,
    private readonly activity: ChangeActivity,
    private readonly deleteNode: DeleteNode,
    private readonly restoreNode: RestoreNode,
  ) {}

  @Get()
  @RequirePermission('tenants:read')
  @Describe({ summary: 'Tenants by name', tag: TAG, query: TenantQuery, response: TenantPage })
  list(@Context() context: RequestContext, @Query({ schema: TenantQuery }) query: TenantQuery): Promise<TenantPage> {
    return this.views.tenants(context, query);
  }

  @Post()
  @RequirePermission('tenants:create')
  @Describe({ summary: 'Create a tenant', tag: TAG, body: CreateTenantRequest, status: 201, response: Tenant })
  async create(
    @Context() context: RequestContext,
    @Body({ schema: CreateTenantRequest }) body: CreateTenantRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Tenant> {
    const id = await this.createTenant.execute(context, body);
    void reply.header('location', `/api/v2/tenants/${id}`);
    return this.views.tenant(context, id);
  }

  @Get(':id')
  @RequirePermission('tenants:read')
  @Describe({ summary: 'One tenant', tag: TAG, params: IdParams, response: Tenant })
  one(@Context() context: RequestContext, @Param('id') id: string): Promise<Tenant> {
    return this.views.tenant(context, id);
  }

  @Patch(':id')
  @RequirePermission('tenants:update')
  @Describe({
    summary: 'Change a tenant; its code never changes',
    tag: TAG,
    params: IdParams,
    body: UpdateTenantRequest,
    response: Tenant,
  })
  async update(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Body({ schema: UpdateTenantRequest }) changes: UpdateTenantRequest,
  ): Promise<Tenant> {
    await this.updateNode.execute(context, { level: 'tenant', id, changes, permission: 'tenants:update' });
    return this.views.tenant(context, id);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('tenants:delete')
  @Describe({ summary: 'Delete a tenant with nothing active in it', tag: TAG, params: IdParams, status: 204 })
  remove(@Context() context: RequestContext, @Param('id') id: string): Promise<void> {
    return this.deleteNode.execute(context, 'tenant', id);
  }

  @Post(':id/restore')
  @HttpCode(200)
  @RequirePermission('tenants:delete')
  @Describe({ summary: 'Take a deletion back, within 90 days', tag: TAG, params: IdParams, response: Tenant })
  async restore(@Context() context: RequestContext, @Param('id') id: string): Promise<Tenant> {
    await this.restoreNode.execute(context, 'tenant', id);
    return this.views.tenant(context, id);
  }

  @Patch(':id/activate')
  @RequirePermission('tenants:update')
  @Describe({ summary: 'Open a tenant again', tag: TAG, params: IdParams, response: Tenant })
  async activate(@Context() context: RequestContext, @Param('id') id: string): Promise<Tenant> {
    await this.activity.activate(context, 'tenant', id);
    return this.views.tenant(context, id);
  }

  @Patch(':id/deactivate')
  @RequirePermission('tenants:update')
  @Describe({
    summary: 'Close a tenant, and everything in it, to users, sessions and keys',
    tag: TAG,
    params: IdParams,
    response: Tenant,
  })
  async deactivate(@Context() context: RequestContext, @Param('id') id: string): Promise<Tenant> {
    await this.activity.deactivate(context, 'tenant', id);
    return this.views.tenant(context, id);
  }
}
