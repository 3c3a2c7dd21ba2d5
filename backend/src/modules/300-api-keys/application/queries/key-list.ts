import type { ApiKey, ApiKeyPage, PageQuery } from '@telemetryflow/contracts';
import type { RequestContext } from '../../../../shared/platform/index.js';

/** Keys as screens show them: those of the tenant the caller stands in, and of its whole workspace. */
export abstract class KeyList {
  /** Newest first. */
  abstract page(context: RequestContext, query: PageQuery): Promise<ApiKeyPage>;
  /** @throws NotFoundError when the key is unknown or belongs elsewhere */
  abstract one(context: RequestContext, id: string): Promise<ApiKey>;
}
