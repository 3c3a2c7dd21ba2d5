import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query, Res } from '@nestjs/common';
import {
  CreateRoleRequest,
  GroupMemberPage,
  IdParams,
  PageQuery,
  Role,
  RolePage,
  RoleQuery,
  SetPermissionsRequest,
  UpdateRoleRequest,
} from '@telemetryflow/contracts';
import type { FastifyReply } from 'fastify';
import { Context, Describe, type RequestContext, RequirePermission } from '../../../shared/platform/index.js';
import { CreateRole } from '../application/roles/create-role.js';
import { DeleteRole } from '../application/roles/delete-role.js';
import { RoleList } from '../application/roles/role-list.js';
import { SetRolePermissions } from '../application/roles/set-role-permissions.js';
import { UpdateRole } from '../application/roles/update-role.js';

const TAG = 'Access';

@Controller('api/v2/roles')
export class RolesController {
  constructor(
    private readonly roles: RoleList,
    private readonly createRole: CreateRole,
    private readonly updateRole: UpdateRole,
    private readonly setRolePermissions: SetRolePermissions,
    private readonly deleteRole: DeleteRole,
  ) {}

  @Get()
  @RequirePermission('roles:read')
  @Describe({ summary: 'System roles and those of the organization', tag: TAG, query: RoleQuery, response: RolePage })
  list(@Context() context: RequestContext, @Query({ schema: RoleQuery }) query: RoleQuery): Promise<RolePage> {
    return this.roles.page(context, query);
  }

  @Post()
  @RequirePermission('roles:create')
  @Describe({ summary: 'Create a role', tag: TAG, body: CreateRoleRequest, status: 201, response: Role })
  async create(
    @Context() context: RequestContext,
    @Body({ schema: CreateRoleRequest }) body: CreateRoleRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Role> {
    const id = await this.createRole.execute(context, body);
    void reply.header('location', `/api/v2/roles/${id}`);
    return this.roles.one(context, id);
  }

  @Get(':id')
  @RequirePermission('roles:read')
  @Describe({ summary: 'One role', tag: TAG, params: IdParams, response: Role })
  one(@Context() context: RequestContext, @Param('id') id: string): Promise<Role> {
    return this.roles.one(context, id);
  }

  @Patch(':id')
  @RequirePermission('roles:update')
  @Describe({ summary: 'Change a role', tag: TAG, params: IdParams, body: UpdateRoleRequest, response: Role })
  async update(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Body({ schema: UpdateRoleRequest }) body: UpdateRoleRequest,
  ): Promise<Role> {
    await this.updateRole.execute(context, id, body);
    return this.roles.one(context, id);
  }

  @Put(':id/permissions')
  @RequirePermission('roles:update')
  @Describe({
    summary: 'Replace what a role gives',
    tag: TAG,
    params: IdParams,
    body: SetPermissionsRequest,
    response: Role,
  })
  async setPermissions(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Body({ schema: SetPermissionsRequest }) { permissions }: SetPermissionsRequest,
  ): Promise<Role> {
    await this.setRolePermissions.execute(context, id, permissions);
    return this.roles.one(context, id);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('roles:delete')
  @Describe({ summary: 'Delete a role that nobody holds', tag: TAG, params: IdParams, status: 204 })
  remove(@Context() context: RequestContext, @Param('id') id: string): Promise<void> {
    return this.deleteRole.execute(context, id);
  }

  @Get(':id/users')
  @RequirePermission('roles:read')
  @Describe({
    summary: 'Users who hold the role, also through groups',
    tag: TAG,
    params: IdParams,
    query: PageQuery,
    response: GroupMemberPage,
  })
  users(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<GroupMemberPage> {
    return this.roles.users(context, id, query);
  }
}
