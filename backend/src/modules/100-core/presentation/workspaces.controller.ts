import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query, Res } from '@nestjs/common';
import {
  CreateWorkspaceRequest,
  IdParams,
  UpdateWorkspaceRequest,
  Workspace,
  WorkspacePage,
  WorkspaceQuery,
  WorkspaceQuotas,
} from '@telemetryflow/contracts';
import type { FastifyReply } from 'fastify';
import { Context, Describe, type RequestContext, RequirePermission } from '../../../shared/platform/index.js';
import { ChangeActivity } from '../application/hierarchy/commands/change-activity.js';
import { CreateWorkspace } from '../application/hierarchy/commands/create-workspace.js';
import { DeleteNode } from '../application/hierarchy/commands/delete-node.js';
import { RestoreNode } from '../application/hierarchy/commands/restore-node.js';
import { UpdateNode } from '../application/hierarchy/commands/update-node.js';
import { HierarchyViews } from '../application/hierarchy/hierarchy-views.js';

const TAG = 'Hierarchy';

@Controller('api/v2/workspaces')
export class WorkspacesController {
  constructor(
    private readonly views: HierarchyViews,
    private readonly createWorkspace: CreateWorkspace,
    private readonly updateNode: UpdateNode,
    private readonly activity: ChangeActivity,
    private readonly deleteNode: DeleteNode,
    private readonly restoreNode: RestoreNode,
  ) {}

  @Get()
  @RequirePermission('workspaces:read')
  @Describe({ summary: 'Workspaces by name', tag: TAG, query: WorkspaceQuery, response: WorkspacePage })
  list(
    @Context() context: RequestContext,
    @Query({ schema: WorkspaceQuery }) query: WorkspaceQuery,
  ): Promise<WorkspacePage> {
    return this.views.workspaces(context, query);
  }

  @Post()
  @RequirePermission('workspaces:create')
  @Describe({ summary: 'Create a workspace', tag: TAG, body: CreateWorkspaceRequest, status: 201, response: Workspace })
  async create(
    @Context() context: RequestContext,
    @Body({ schema: CreateWorkspaceRequest }) body: CreateWorkspaceRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Workspace> {
    const id = await this.createWorkspace.execute(context, body);
    void reply.header('location', `/api/v2/workspaces/${id}`);
    return this.views.workspace(context, id);
  }

  @Get(':id')
  @RequirePermission('workspaces:read')
  @Describe({ summary: 'One workspace', tag: TAG, params: IdParams, response: Workspace })
  one(@Context() context: RequestContext, @Param('id') id: string): Promise<Workspace> {
    return this.views.workspace(context, id);
  }

  @Patch(':id')
  @RequirePermission('workspaces:update')
  @Describe({
    summary: 'Change a workspace; its code never changes',
    tag: TAG,
    params: IdParams,
    body: UpdateWorkspaceRequest,
    response: Workspace,
  })
  async update(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Body({ schema: UpdateWorkspaceRequest }) changes: UpdateWorkspaceRequest,
  ): Promise<Workspace> {
    await this.updateNode.execute(context, { level: 'workspace', id, changes, permission: 'workspaces:update' });
    return this.views.workspace(context, id);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('workspaces:delete')
  @Describe({ summary: 'Delete a workspace with nothing active in it', tag: TAG, params: IdParams, status: 204 })
  remove(@Context() context: RequestContext, @Param('id') id: string): Promise<void> {
    return this.deleteNode.execute(context, 'workspace', id);
  }

  @Post(':id/restore')
  @HttpCode(200)
  @RequirePermission('workspaces:delete')
  @Describe({ summary: 'Take a deletion back, within 90 days', tag: TAG, params: IdParams, response: Workspace })
  async restore(@Context() context: RequestContext, @Param('id') id: string): Promise<Workspace> {
    await this.restoreNode.execute(context, 'workspace', id);
    return this.views.workspace(context, id);
  }

  @Patch(':id/activate')
  @RequirePermission('workspaces:update')
  @Describe({ summary: 'Open a workspace again', tag: TAG, params: IdParams, response: Workspace })
  async activate(@Context() context: RequestContext, @Param('id') id: string): Promise<Workspace> {
    await this.activity.activate(context, 'workspace', id);
    return this.views.workspace(context, id);
  }

  @Patch(':id/deactivate')
  @RequirePermission('workspaces:update')
  @Describe({
    summary: 'Close a workspace, and everything in it, to users, sessions and keys',
    tag: TAG,
    params: IdParams,
    response: Workspace,
  })
  async deactivate(@Context() context: RequestContext, @Param('id') id: string): Promise<Workspace> {
    await this.activity.deactivate(context, 'workspace', id);
    return this.views.workspace(context, id);
  }

  @Get(':id/quotas')
  @RequirePermission('workspaces:read')
  @Describe({ summary: 'What a workspace may use', tag: TAG, params: IdParams, response: WorkspaceQuotas })
  async quotas(@Context() context: RequestContext, @Param('id') id: string): Promise<WorkspaceQuotas> {
    return (await this.views.workspace(context, id)).quotas;
  }

  @Put(':id/quotas')
  @RequirePermission('organizations:update')
  @Describe({
    summary: 'Set what a workspace may use; what is left out has no limit',
    tag: TAG,
    params: IdParams,
    body: WorkspaceQuotas,
    response: WorkspaceQuotas,
  })
  async setQuotas(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Body({ schema: WorkspaceQuotas }) quotas: WorkspaceQuotas,
  ): Promise<WorkspaceQuotas> {
    await this.updateNode.execute(context, {
      level: 'workspace',
      id,
      changes: { quotas },
      // The organization divides among its workspaces: no workspace sets its own.
      permission: 'organizations:update',
      action: 'workspace.quotas_changed',
    });
    return (await this.views.workspace(context, id)).quotas;
  }
}
