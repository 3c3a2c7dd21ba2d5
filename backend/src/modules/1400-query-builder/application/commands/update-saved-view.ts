import { Injectable } from '@nestjs/common';
import type { SavedView as View, UpdateSavedView as Changes } from '@telemetryflow/contracts';
import { Database, recordAct } from '../../../../shared/platform/database/index.js';
import type { RequestContext } from '../../../../shared/platform/index.js';
import { ViewList } from '../queries/view-list.js';
import { SavedViews } from '../saved-views.js';

/** Renames a view, shares it, or has it show something else. */
@Injectable()
export class UpdateSavedView {
  constructor(
    private readonly database: Database,
    private readonly views: SavedViews,
    private readonly list: ViewList,
  ) {}

  /**
   * @throws NotFoundError when the view is unknown, belongs elsewhere or is another's private one
   * @throws ValidationError as {@link SavedView.change}
   */
  async execute(context: RequestContext, id: string, changes: Changes): Promise<View> {
    await this.database.transaction(context, async (manager) => {
      const view = await this.views.forUpdate(manager, context, id);
      const { before, after } = view.change(changes, context.actor.id, new Date());
      if (Object.keys(after).length === 0) return;
      await this.views.save(manager, view);
      await recordAct(manager, context, {
        action: 'saved_view.updated',
        resource: { type: 'saved_view', id, name: view.name },
        before,
        after,
      });
    });
    return this.list.one(context, id);
  }
}
