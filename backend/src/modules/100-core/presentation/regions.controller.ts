import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import {
  CreateRegionRequest,
  IdParams,
  Region,
  RegionPage,
  RegionQuery,
  UpdateRegionRequest,
} from '@telemetryflow/contracts';
import type { FastifyReply } from 'fastify';
import { Context, Describe, type RequestContext, RequirePermission } from '../../../shared/platform/index.js';
import { ChangeActivity } from '../application/hierarchy/commands/change-activity.js';
import { CreateRegion } from '../application/hierarchy/commands/create-region.js';
import { DeleteNode } from '../application/hierarchy/commands/delete-node.js';
import { RestoreNode } from '../application/hierarchy/commands/restore-node.js';
import { UpdateNode } from '../application/hierarchy/commands/update-node.js';
import { HierarchyViews } from '../application/hierarchy/hierarchy-views.js';

const TAG = 'Hierarchy';

@Controller('api/v2/regions')
export class RegionsController {
  constructor(
    private readonly views: HierarchyViews,
    private readonly createRegion: CreateRegion,
    private readonly updateNode: UpdateNode,
    private readonly activity: ChangeActivity,
    private readonly deleteNode: DeleteNode,
    private readonly restoreNode: RestoreNode,
  ) {}

  @Get()
  @RequirePermission('regions:read')
  @Describe({ summary: 'Regions by name', tag: TAG, query: RegionQuery, response: RegionPage })
  list(@Context() context: RequestContext, @Query({ schema: RegionQuery }) query: RegionQuery): Promise<RegionPage> {
    return this.views.regions(context, query);
  }

  @Post()
  @RequirePermission('regions:create')
  @Describe({ summary: 'Create a region', tag: TAG, body: CreateRegionRequest, status: 201, response: Region })
  async create(
    @Context() context: RequestContext,
    @Body({ schema: CreateRegionRequest }) body: CreateRegionRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Region> {
    const id = await this.createRegion.execute(context, body);
    void reply.header('location', `/api/v2/regions/${id}`);
    return this.views.region(context, id);
  }

  @Get(':id')
  @RequirePermission('regions:read')
  @Describe({ summary: 'One region', tag: TAG, params: IdParams, response: Region })
  one(@Context() context: RequestContext, @Param('id') id: string): Promise<Region> {
    return this.views.region(context, id);
  }

  @Patch(':id')
  @RequirePermission('regions:update')
  @Describe({
    summary: 'Change a region; its code never changes',
    tag: TAG,
    params: IdParams,
    body: UpdateRegionRequest,
    response: Region,
  })
  async update(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Body({ schema: UpdateRegionRequest }) changes: UpdateRegionRequest,
  ): Promise<Region> {
    await this.updateNode.execute(context, { level: 'region', id, changes, permission: 'regions:update' });
    return this.views.region(context, id);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('regions:delete')
  @Describe({ summary: 'Delete a region with nothing active in it', tag: TAG, params: IdParams, status: 204 })
  remove(@Context() context: RequestContext, @Param('id') id: string): Promise<void> {
    return this.deleteNode.execute(context, 'region', id);
  }

  @Post(':id/restore')
  @HttpCode(200)
  @RequirePermission('regions:delete')
  @Describe({ summary: 'Take a deletion back, within 90 days', tag: TAG, params: IdParams, response: Region })
  async restore(@Context() context: RequestContext, @Param('id') id: string): Promise<Region> {
    await this.restoreNode.execute(context, 'region', id);
    return this.views.region(context, id);
  }

  @Patch(':id/activate')
  @RequirePermission('regions:update')
  @Describe({ summary: 'Open a region again', tag: TAG, params: IdParams, response: Region })
  async activate(@Context() context: RequestContext, @Param('id') id: string): Promise<Region> {
    await this.activity.activate(context, 'region', id);
    return this.views.region(context, id);
  }

  @Patch(':id/deactivate')
  @RequirePermission('regions:update')
  @Describe({
    summary: 'Close a region, and everything in it, to users, sessions and keys',
    tag: TAG,
    params: IdParams,
    response: Region,
  })
  async deactivate(@Context() context: RequestContext, @Param('id') id: string): Promise<Region> {
    await this.activity.deactivate(context, 'region', id);
    return this.views.region(context, id);
  }
}
