import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import {
  AssignmentPage,
  AssignRoleRequest,
  GrantPermissionRequest,
  IdParams,
  PermissionGrant,
  RoleAssignment,
  RoleAssignmentList,
  UserPermissions,
  UserQuery,
  Uuid,
} from '@telemetryflow/contracts';
import type { FastifyReply } from 'fastify';
import { Context, Describe, type RequestContext, RequirePermission } from '../../../shared/platform/index.js';
import { AssignRole } from '../application/assignments/assign-role.js';
import { AssignmentList } from '../application/assignments/assignment-list.js';
import { GrantPermission } from '../application/assignments/grant-permission.js';
import { PermissionsOfUser } from '../application/assignments/permissions-of-user.js';
import { RevokePermission } from '../application/assignments/revoke-permission.js';
import { RevokeRole } from '../application/assignments/revoke-role.js';
import { oneOf } from './one-of.js';

const TAG = 'Access';

@Controller('api/v2')
export class UserAccessController {
  constructor(
    private readonly assignments: AssignmentList,
    private readonly permissions: PermissionsOfUser,
    private readonly assignRole: AssignRole,
    private readonly revokeRole: RevokeRole,
    private readonly grantPermission: GrantPermission,
    private readonly revokePermission: RevokePermission,
  ) {}

  @Get('assignments')
  @RequirePermission('users:read')
  @Describe({ summary: 'Users with the roles they hold', tag: TAG, query: UserQuery, response: AssignmentPage })
  list(@Context() context: RequestContext, @Query({ schema: UserQuery }) query: UserQuery): Promise<AssignmentPage> {
    return this.assignments.page(context, query);
  }

  @Get('users/:id/roles')
  @RequirePermission('users:read')
  @Describe({
    summary: 'Roles of a user, also through groups',
    tag: TAG,
    params: IdParams,
    response: RoleAssignmentList,
  })
  roles(@Context() context: RequestContext, @Param('id') id: string): Promise<RoleAssignmentList> {
    return this.assignments.ofUser(context, id);
  }

  @Post('users/:id/roles')
  @RequirePermission('permissions:assign')
  @Describe({
    summary: 'Give a user a role at a place',
    tag: TAG,
    params: IdParams,
    body: AssignRoleRequest,
    status: 201,
    response: RoleAssignment,
  })
  async assign(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Body({ schema: AssignRoleRequest }) body: AssignRoleRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RoleAssignment> {
    const assignmentId = await this.assignRole.execute(context, id, body);
    void reply.header('location', `/api/v2/users/${id}/roles/${assignmentId}`);
    return oneOf((await this.assignments.ofUser(context, id)).data, assignmentId);
  }

  @Delete('users/:id/roles/:assignmentId')
  @HttpCode(204)
  @RequirePermission('permissions:assign')
  @Describe({
    summary: 'Take a role from a user',
    tag: TAG,
    params: IdParams.extend({ assignmentId: Uuid }),
    status: 204,
  })
  revoke(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Param('assignmentId') assignmentId: string,
  ): Promise<void> {
    return this.revokeRole.execute(context, id, assignmentId);
  }

  @Get('users/:id/permissions')
  @RequirePermission('users:read')
  @Describe({
    summary: 'What a user may do in the tenant asked for, and what was granted to them directly',
    tag: TAG,
    params: IdParams,
    response: UserPermissions,
  })
  permissionsOf(@Context() context: RequestContext, @Param('id') id: string): Promise<UserPermissions> {
    return this.permissions.execute(context, id);
  }

  @Post('users/:id/permissions')
  @RequirePermission('permissions:assign')
  @Describe({
    summary: 'Give a user one permission at a place, or deny it there',
    tag: TAG,
    params: IdParams,
    body: GrantPermissionRequest,
    status: 201,
    response: PermissionGrant,
  })
  async grant(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Body({ schema: GrantPermissionRequest }) body: GrantPermissionRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PermissionGrant> {
    const grantId = await this.grantPermission.execute(context, id, body);
    void reply.header('location', `/api/v2/users/${id}/permissions/${grantId}`);
    return oneOf(await this.assignments.grantsOf(context, id), grantId);
  }

  @Delete('users/:id/permissions/:grantId')
  @HttpCode(204)
  @RequirePermission('permissions:assign')
  @Describe({
    summary: 'Take back a direct grant, or lift a denial',
    tag: TAG,
    params: IdParams.extend({ grantId: Uuid }),
    status: 204,
  })
  revokeGrant(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Param('grantId') grantId: string,
  ): Promise<void> {
    return this.revokePermission.execute(context, id, grantId);
  }
}
