import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import {
  AddMemberRequest,
  AssignRoleRequest,
  CreateGroupRequest,
  Group,
  GroupMemberPage,
  GroupPage,
  GroupQuery,
  IdParams,
  PageQuery,
  RoleAssignment,
  RoleAssignmentList,
  UpdateGroupRequest,
  Uuid,
} from '@telemetryflow/contracts';
import type { FastifyReply } from 'fastify';
import { Context, Describe, type RequestContext, RequirePermission } from '../../../shared/platform/index.js';
import { AssignmentList } from '../application/assignments/assignment-list.js';
import { ChangeGroupRoles } from '../application/groups/change-group-roles.js';
import { ChangeMembers } from '../application/groups/change-members.js';
import { CreateGroup } from '../application/groups/create-group.js';
import { DeleteGroup } from '../application/groups/delete-group.js';
import { GroupList } from '../application/groups/group-list.js';
import { UpdateGroup } from '../application/groups/update-group.js';
import { oneOf } from './one-of.js';

const TAG = 'Groups';

@Controller('api/v2/groups')
export class GroupsController {
  constructor(
    private readonly groups: GroupList,
    private readonly assignments: AssignmentList,
    private readonly createGroup: CreateGroup,
    private readonly updateGroup: UpdateGroup,
    private readonly deleteGroup: DeleteGroup,
    private readonly changeMembers: ChangeMembers,
    private readonly changeRoles: ChangeGroupRoles,
  ) {}

  @Get()
  @RequirePermission('groups:read')
  @Describe({ summary: 'Groups of the organization, by name', tag: TAG, query: GroupQuery, response: GroupPage })
  list(@Context() context: RequestContext, @Query({ schema: GroupQuery }) query: GroupQuery): Promise<GroupPage> {
    return this.groups.page(context, query);
  }

  @Post()
  @RequirePermission('groups:create')
  @Describe({ summary: 'Create a group', tag: TAG, body: CreateGroupRequest, status: 201, response: Group })
  async create(
    @Context() context: RequestContext,
    @Body({ schema: CreateGroupRequest }) body: CreateGroupRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Group> {
    const id = await this.createGroup.execute(context, body);
    void reply.header('location', `/api/v2/groups/${id}`);
    return this.groups.one(context, id);
  }

  @Get(':id')
  @RequirePermission('groups:read')
  @Describe({ summary: 'One group', tag: TAG, params: IdParams, response: Group })
  one(@Context() context: RequestContext, @Param('id') id: string): Promise<Group> {
    return this.groups.one(context, id);
  }

  @Patch(':id')
  @RequirePermission('groups:update')
  @Describe({ summary: 'Change a group', tag: TAG, params: IdParams, body: UpdateGroupRequest, response: Group })
  async update(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Body({ schema: UpdateGroupRequest }) body: UpdateGroupRequest,
  ): Promise<Group> {
    await this.updateGroup.execute(context, id, body);
    return this.groups.one(context, id);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('groups:delete')
  @Describe({ summary: 'Delete a group; its members lose its roles', tag: TAG, params: IdParams, status: 204 })
  remove(@Context() context: RequestContext, @Param('id') id: string): Promise<void> {
    return this.deleteGroup.execute(context, id);
  }

  @Get(':id/users')
  @RequirePermission('groups:read')
  @Describe({ summary: 'Members of a group', tag: TAG, params: IdParams, query: PageQuery, response: GroupMemberPage })
  members(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<GroupMemberPage> {
    return this.groups.members(context, id, query);
  }

  @Post(':id/users')
  @RequirePermission('groups:update')
  @Describe({
    summary: 'Put a user into a group',
    tag: TAG,
    params: IdParams,
    body: AddMemberRequest,
    status: 201,
    response: Group,
  })
  async addMember(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Body({ schema: AddMemberRequest }) { userId }: AddMemberRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Group> {
    await this.changeMembers.add(context, id, userId);
    void reply.header('location', `/api/v2/groups/${id}/users/${userId}`);
    return this.groups.one(context, id);
  }

  @Delete(':id/users/:userId')
  @HttpCode(204)
  @RequirePermission('groups:update')
  @Describe({ summary: 'Take a user out of a group', tag: TAG, params: IdParams.extend({ userId: Uuid }), status: 204 })
  removeMember(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Param('userId') userId: string,
  ): Promise<void> {
    return this.changeMembers.remove(context, id, userId);
  }

  @Get(':id/roles')
  @RequirePermission('groups:read')
  @Describe({
    summary: 'Roles that members hold through the group',
    tag: TAG,
    params: IdParams,
    response: RoleAssignmentList,
  })
  roles(@Context() context: RequestContext, @Param('id') id: string): Promise<RoleAssignmentList> {
    return this.assignments.ofGroup(context, id);
  }

  @Post(':id/roles')
  @RequirePermission('permissions:assign')
  @Describe({
    summary: 'Give a group a role at a place',
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
    const assignmentId = await this.changeRoles.assign(context, id, body);
    void reply.header('location', `/api/v2/groups/${id}/roles/${assignmentId}`);
    return oneOf((await this.assignments.ofGroup(context, id)).data, assignmentId);
  }

  @Delete(':id/roles/:assignmentId')
  @HttpCode(204)
  @RequirePermission('permissions:assign')
  @Describe({
    summary: 'Take a role from a group',
    tag: TAG,
    params: IdParams.extend({ assignmentId: Uuid }),
    status: 204,
  })
  revoke(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Param('assignmentId') assignmentId: string,
  ): Promise<void> {
    return this.changeRoles.revoke(context, id, assignmentId);
  }
}
