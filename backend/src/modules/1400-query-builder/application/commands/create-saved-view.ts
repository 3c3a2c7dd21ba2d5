import { Injectable } from '@nestjs/common';
import type { CreateSavedView as Draft, SavedView as View } from '@telemetryflow/contracts';
import { Database, recordAct } from '../../../../shared/platform/database/index.js';
import type { RequestContext } from '../../../../shared/platform/index.js';
import { SavedView } from '../../domain/saved-view.js';
import { ViewList } from '../queries/view-list.js';
import { SavedViews } from '../saved-views.js';

/** Keeps an explorer as its reader left it, in the tenant they stand in. */
@Injectable()
export class CreateSavedView {
  constructor(
    private readonly database: Database,
    private readonly views: SavedViews,
    private readonly list: ViewList,
  ) {}

  async execute(context: RequestContext, draft: Draft): Promise<View> {
    const { organizationId, workspaceId, tenantId, actor } = context;
    const view = SavedView.create(draft, { organizationId, workspaceId, tenantId, ownerId: actor.id }, new Date());
    await this.database.transaction(context, async (manager) => {
      await this.views.add(manager, view);
      const { id, name, page, visibility } = view;
      await recordAct(manager, context, {
        action: 'saved_view.created',
        resource: { type: 'saved_view', id, name },
        after: { page, visibility },
      });
    });
    return this.list.one(context, view.id);
  }
}
