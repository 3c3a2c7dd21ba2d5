import { Injectable } from '@nestjs/common';
import { Database, recordAct } from '../../../../shared/platform/database/index.js';
import type { RequestContext } from '../../../../shared/platform/index.js';
import { SavedViews } from '../saved-views.js';

/** Forgets a view. */
@Injectable()
export class DeleteSavedView {
  constructor(
    private readonly database: Database,
    private readonly views: SavedViews,
  ) {}

  /** @throws NotFoundError when the view is unknown, belongs elsewhere or is another's private one */
  async execute(context: RequestContext, id: string): Promise<void> {
    await this.database.transaction(context, async (manager) => {
      const view = await this.views.forUpdate(manager, context, id);
      const { name, page, visibility, ownerId } = view;
      await this.views.remove(manager, view);
      await recordAct(manager, context, {
        action: 'saved_view.deleted',
        resource: { type: 'saved_view', id, name },
        before: { page, visibility, ownerId },
      });
    });
  }
}
