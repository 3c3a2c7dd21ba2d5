import type { SavedView, SavedViewPage, SavedViewsQuery } from '@telemetryflow/contracts';
import type { RequestContext } from '../../../../shared/platform/index.js';

/** Views as screens show them: the shared ones of the tenant, and the caller's own. */
export abstract class ViewList {
  /** By name. */
  abstract page(context: RequestContext, query: SavedViewsQuery): Promise<SavedViewPage>;
  /** @throws NotFoundError when the view is unknown, belongs elsewhere or is another's private one */
  abstract one(context: RequestContext, id: string): Promise<SavedView>;
}
