import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query, Res } from '@nestjs/common';
import {
  CreateUserRequest,
  IdParams,
  SetPasswordRequest,
  UpdateUserRequest,
  User,
  UserPage,
  UserQuery,
} from '@telemetryflow/contracts';
import type { FastifyReply } from 'fastify';
import { Context, Describe, type RequestContext, RequirePermission } from '../../../shared/platform/index.js';
import { ActivateUser } from '../application/users/activate-user.js';
import { CreateUser } from '../application/users/create-user.js';
import { DeleteUser } from '../application/users/delete-user.js';
import { EndUserSessions } from '../application/users/end-user-sessions.js';
import { InviteUser } from '../application/users/invite-user.js';
import { RemoveSecondFactor } from '../application/users/remove-second-factor.js';
import { SetUserPassword } from '../application/users/set-user-password.js';
import { UnlockUser } from '../application/users/unlock-user.js';
import { UpdateUser } from '../application/users/update-user.js';
import { UserList } from '../application/users/user-list.js';

const TAG = 'Users';

@Controller('api/v2/users')
export class UsersController {
  constructor(
    private readonly users: UserList,
    private readonly createUser: CreateUser,
    private readonly updateUser: UpdateUser,
    private readonly activateUser: ActivateUser,
    private readonly unlockUser: UnlockUser,
    private readonly setUserPassword: SetUserPassword,
    private readonly inviteUser: InviteUser,
    private readonly deleteUser: DeleteUser,
    private readonly endUserSessions: EndUserSessions,
    private readonly removeSecondFactor: RemoveSecondFactor,
  ) {}

  @Get()
  @RequirePermission('users:read')
  @Describe({ summary: 'Users, newest first', tag: TAG, query: UserQuery, response: UserPage })
  list(@Context() context: RequestContext, @Query({ schema: UserQuery }) query: UserQuery): Promise<UserPage> {
    return this.users.page(context, query);
  }

  @Post()
  @RequirePermission('users:create')
  @Describe({
    summary: 'Create a user; without a password they are mailed a link to choose one',
    tag: TAG,
    body: CreateUserRequest,
    status: 201,
    response: User,
  })
  async create(
    @Context() context: RequestContext,
    @Body({ schema: CreateUserRequest }) body: CreateUserRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<User> {
    const id = await this.createUser.execute(context, body);
    void reply.header('location', `/api/v2/users/${id}`);
    return this.users.one(context, id);
  }

  @Get(':id')
  @RequirePermission('users:read')
  @Describe({ summary: 'One user', tag: TAG, params: IdParams, response: User })
  one(@Context() context: RequestContext, @Param('id') id: string): Promise<User> {
    return this.users.one(context, id);
  }

  @Patch(':id')
  @RequirePermission('users:update')
  @Describe({ summary: 'Change a user', tag: TAG, params: IdParams, body: UpdateUserRequest, response: User })
  async update(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Body({ schema: UpdateUserRequest }) body: UpdateUserRequest,
  ): Promise<User> {
    await this.updateUser.execute(context, id, body);
    return this.users.one(context, id);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('users:delete')
  @Describe({ summary: 'Delete a user; their sessions end at once', tag: TAG, params: IdParams, status: 204 })
  remove(@Context() context: RequestContext, @Param('id') id: string): Promise<void> {
    return this.deleteUser.execute(context, id);
  }

  @Post(':id/activate')
  @HttpCode(200)
  @RequirePermission('users:update')
  @Describe({ summary: 'Let a deactivated user in again', tag: TAG, params: IdParams, response: User })
  async activate(@Context() context: RequestContext, @Param('id') id: string): Promise<User> {
    await this.activateUser.activate(context, id);
    return this.users.one(context, id);
  }

  @Post(':id/deactivate')
  @HttpCode(200)
  @RequirePermission('users:update')
  @Describe({ summary: 'Keep a user out; their sessions end at once', tag: TAG, params: IdParams, response: User })
  async deactivate(@Context() context: RequestContext, @Param('id') id: string): Promise<User> {
    await this.activateUser.deactivate(context, id);
    return this.users.one(context, id);
  }

  @Post(':id/unlock')
  @HttpCode(200)
  @RequirePermission('users:update')
  @Describe({ summary: 'Open an account that failed logins have locked', tag: TAG, params: IdParams, response: User })
  async unlock(@Context() context: RequestContext, @Param('id') id: string): Promise<User> {
    await this.unlockUser.execute(context, id);
    return this.users.one(context, id);
  }

  @Put(':id/password')
  @HttpCode(204)
  @RequirePermission('users:update')
  @Describe({
    summary: 'Give a user another password',
    tag: TAG,
    params: IdParams,
    body: SetPasswordRequest,
    status: 204,
  })
  setPassword(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Body({ schema: SetPasswordRequest }) body: SetPasswordRequest,
  ): Promise<void> {
    return this.setUserPassword.execute(context, id, body);
  }

  @Post(':id/invite')
  @HttpCode(202)
  @RequirePermission('users:update')
  @Describe({ summary: 'Mail a user a link to choose a password', tag: TAG, params: IdParams, status: 202 })
  invite(@Context() context: RequestContext, @Param('id') id: string): Promise<void> {
    return this.inviteUser.execute(context, id);
  }

  @Delete(':id/sessions')
  @HttpCode(204)
  @RequirePermission('users:update')
  @Describe({ summary: 'End all sessions of a user', tag: TAG, params: IdParams, status: 204 })
  endSessions(@Context() context: RequestContext, @Param('id') id: string): Promise<void> {
    return this.endUserSessions.execute(context, id);
  }

  @Delete(':id/mfa')
  @HttpCode(204)
  @RequirePermission('users:update')
  @Describe({
    summary: 'Turn off the second factor of a user who has lost it',
    tag: TAG,
    params: IdParams,
    status: 204,
  })
  removeMfa(@Context() context: RequestContext, @Param('id') id: string): Promise<void> {
    return this.removeSecondFactor.execute(context, id);
  }
}
