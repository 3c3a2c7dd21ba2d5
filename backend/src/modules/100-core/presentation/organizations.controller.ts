import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query, Res } from '@nestjs/common';
import {
  AdministratorPage,
  CreateOrganizationRequest,
  IdParams,
  Organization,
  OrganizationPage,
  OrganizationQuery,
  PageQuery,
  ProvisionedOrganization,
  ProvisionOrganizationRequest,
  UpdateOrganizationRequest,
} from '@telemetryflow/contracts';
import type { FastifyReply } from 'fastify';
import {
  Authenticated,
  Context,
  Describe,
  type RequestContext,
  RequirePermission,
} from '../../../shared/platform/index.js';
import { ChangeActivity } from '../application/hierarchy/commands/change-activity.js';
import { ChangeOrganizationSettings } from '../application/hierarchy/commands/change-organization-settings.js';
import { CreateOrganization } from '../application/hierarchy/commands/create-organization.js';
import { DeleteNode } from '../application/hierarchy/commands/delete-node.js';
import { ProvisionOrganization } from '../application/hierarchy/commands/provision-organization.js';
import { RestoreNode } from '../application/hierarchy/commands/restore-node.js';
import { UpdateNode } from '../application/hierarchy/commands/update-node.js';
import { HierarchyViews } from '../application/hierarchy/hierarchy-views.js';

const TAG = 'Hierarchy';

@Controller('api/v2/organizations')
export class OrganizationsController {
  constructor(
    private readonly views: HierarchyViews,
    private readonly createOrganization: CreateOrganization,
    private readonly updateNode: UpdateNode,
    private readonly activity: ChangeActivity,
    private readonly deleteNode: DeleteNode,
    private readonly restoreNode: RestoreNode,
    private readonly changeSettings: ChangeOrganizationSettings,
    private readonly provisionOrganization: ProvisionOrganization,
  ) {}

  @Get()
  @RequirePermission('organizations:read')
  @Describe({ summary: 'Organizations by name', tag: TAG, query: OrganizationQuery, response: OrganizationPage })
  list(
    @Context() context: RequestContext,
    @Query({ schema: OrganizationQuery }) query: OrganizationQuery,
  ): Promise<OrganizationPage> {
    return this.views.organizations(context, query);
  }

  @Post()
  @RequirePermission('organizations:create')
  @Describe({
    summary: 'Create an organization',
    tag: TAG,
    body: CreateOrganizationRequest,
    status: 201,
    response: Organization,
  })
  async create(
    @Context() context: RequestContext,
    @Body({ schema: CreateOrganizationRequest }) body: CreateOrganizationRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Organization> {
    const id = await this.createOrganization.execute(context, body);
    void reply.header('location', `/api/v2/organizations/${id}`);
    return this.views.organization(context, id);
  }

  @Post('provision')
  @RequirePermission('organizations:create')
  @Describe({
    summary: 'Create an organization with workspace, tenant, first administrator and key, all or nothing',
    tag: TAG,
    body: ProvisionOrganizationRequest,
    status: 201,
    response: ProvisionedOrganization,
  })
  async provision(
    @Context() context: RequestContext,
    @Body({ schema: ProvisionOrganizationRequest }) body: ProvisionOrganizationRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ProvisionedOrganization> {
    const { place, administratorId, key } = await this.provisionOrganization.execute(context, body);
    const { organizationId, workspaceId, tenantId } = place;
    void reply.header('location', `/api/v2/organizations/${organizationId}`).header('cache-control', 'no-store');
    const [organization, workspace, tenant] = await Promise.all([
      this.views.organization(context, organizationId),
      this.views.workspace(context, workspaceId),
      this.views.tenant(context, tenantId),
    ]);
    const { keyId, keySecret, otelKeyId, otelKeySecret } = key;
    return {
      organization,
      workspace,
      tenant,
      administratorId,
      key: { keyId, keySecret, otelKeyId, otelKeySecret },
    };
  }

  @Get('me')
  @Authenticated()
  @Describe({ summary: 'The organization that the caller stands in', tag: TAG, response: Organization })
  own(@Context() context: RequestContext): Promise<Organization> {
    return this.views.ownOrganization(context);
  }

  @Get(':id')
  @RequirePermission('organizations:read')
  @Describe({ summary: 'One organization', tag: TAG, params: IdParams, response: Organization })
  one(@Context() context: RequestContext, @Param('id') id: string): Promise<Organization> {
    return this.views.organization(context, id);
  }

  @Patch(':id')
  @RequirePermission('organizations:update')
  @Describe({
    summary: 'Change an organization; its code never changes',
    tag: TAG,
    params: IdParams,
    body: UpdateOrganizationRequest,
    response: Organization,
  })
  async update(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Body({ schema: UpdateOrganizationRequest }) changes: UpdateOrganizationRequest,
  ): Promise<Organization> {
    await this.updateNode.execute(context, { level: 'organization', id, changes, permission: 'organizations:update' });
    return this.views.organization(context, id);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('organizations:delete')
  @Describe({ summary: 'Delete an organization with nothing active in it', tag: TAG, params: IdParams, status: 204 })
  remove(@Context() context: RequestContext, @Param('id') id: string): Promise<void> {
    return this.deleteNode.execute(context, 'organization', id);
  }

  @Post(':id/restore')
  @HttpCode(200)
  @RequirePermission('organizations:delete')
  @Describe({ summary: 'Take a deletion back, within 90 days', tag: TAG, params: IdParams, response: Organization })
  async restore(@Context() context: RequestContext, @Param('id') id: string): Promise<Organization> {
    await this.restoreNode.execute(context, 'organization', id);
    return this.views.organization(context, id);
  }

  @Patch(':id/activate')
  @RequirePermission('organizations:update')
  @Describe({ summary: 'Open an organization again', tag: TAG, params: IdParams, response: Organization })
  async activate(@Context() context: RequestContext, @Param('id') id: string): Promise<Organization> {
    await this.activity.activate(context, 'organization', id);
    return this.views.organization(context, id);
  }

  @Patch(':id/deactivate')
  @RequirePermission('organizations:update')
  @Describe({
    summary: 'Close an organization, and everything in it, to users, sessions and keys',
    tag: TAG,
    params: IdParams,
    response: Organization,
  })
  async deactivate(@Context() context: RequestContext, @Param('id') id: string): Promise<Organization> {
    await this.activity.deactivate(context, 'organization', id);
    return this.views.organization(context, id);
  }

  @Put(':id/settings')
  @HttpCode(204)
  @RequirePermission('organizations:update')
  @Describe({
    summary: 'Change the settings of an organization; its creator alone may',
    tag: TAG,
    params: IdParams,
    body: UpdateOrganizationRequest,
    status: 204,
  })
  settings(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Body({ schema: UpdateOrganizationRequest }) changes: UpdateOrganizationRequest,
  ): Promise<void> {
    return this.changeSettings.execute(context, id, changes);
  }

  @Get(':id/administrators')
  @RequirePermission('users:read')
  @Describe({
    summary: 'Who holds the Administrator role over the whole organization',
    tag: TAG,
    params: IdParams,
    query: PageQuery,
    response: AdministratorPage,
  })
  administrators(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<AdministratorPage> {
    return this.views.administrators(context, id, query);
  }
}
