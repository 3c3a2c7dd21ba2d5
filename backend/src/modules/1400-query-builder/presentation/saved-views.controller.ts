import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import {
  CreateSavedView as NewView,
  IdParams,
  SavedView,
  SavedViewPage,
  SavedViewsQuery,
  UpdateSavedView as ViewChanges,
} from '@telemetryflow/contracts';
import type { FastifyReply } from 'fastify';
import { Context, Describe, type RequestContext, RequirePermission } from '../../../shared/platform/index.js';
import { CreateSavedView } from '../application/commands/create-saved-view.js';
import { DeleteSavedView } from '../application/commands/delete-saved-view.js';
import { UpdateSavedView } from '../application/commands/update-saved-view.js';
import { ViewList } from '../application/queries/view-list.js';

const TAG = 'Saved views';
const PATH = 'api/v2/saved-views';

@Controller(PATH)
export class SavedViewsController {
  constructor(
    private readonly views: ViewList,
    private readonly createView: CreateSavedView,
    private readonly updateView: UpdateSavedView,
    private readonly deleteView: DeleteSavedView,
  ) {}

  @Get()
  @RequirePermission('queries:read')
  @Describe({
    summary: "The tenant's shared views and the caller's own, by name",
    tag: TAG,
    query: SavedViewsQuery,
    response: SavedViewPage,
  })
  list(
    @Context() context: RequestContext,
    @Query({ schema: SavedViewsQuery }) query: SavedViewsQuery,
  ): Promise<SavedViewPage> {
    return this.views.page(context, query);
  }

  @Post()
  @RequirePermission('queries:create')
  @Describe({ summary: 'Save a view', tag: TAG, body: NewView, status: 201, response: SavedView })
  async create(
    @Context() context: RequestContext,
    @Body({ schema: NewView }) body: NewView,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SavedView> {
    return located(reply, await this.createView.execute(context, body));
  }

  @Get(':id')
  @RequirePermission('queries:read')
  @Describe({ summary: 'One view', tag: TAG, params: IdParams, response: SavedView })
  one(@Context() context: RequestContext, @Param('id') id: string): Promise<SavedView> {
    return this.views.one(context, id);
  }

  @Patch(':id')
  @RequirePermission('queries:update')
  @Describe({
    summary: 'Change a view: one of one’s own, or a shared one',
    tag: TAG,
    params: IdParams,
    body: ViewChanges,
    response: SavedView,
  })
  update(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Body({ schema: ViewChanges }) body: ViewChanges,
  ): Promise<SavedView> {
    return this.updateView.execute(context, id, body);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('queries:delete')
  @Describe({
    summary: 'Delete a view: one of one’s own, or a shared one',
    tag: TAG,
    params: IdParams,
    status: 204,
  })
  delete(@Context() context: RequestContext, @Param('id') id: string): Promise<void> {
    return this.deleteView.execute(context, id);
  }
}

function located(reply: FastifyReply, view: SavedView): SavedView {
  void reply.header('location', `/${PATH}/${view.id}`);
  return view;
}
