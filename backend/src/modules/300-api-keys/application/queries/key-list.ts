import type { ApiKey, ApiKeyPage, ApiKeyQuery } from '@telemetryflow/contracts';
import type { RequestContext } from '../../../../shared/platform/index.js';

/** Keys as screens show them: those of the tenant the caller stands in, and of its whole workspace. */
export abstract class KeyList {
  /** Newest first. The counts are of all keys there, whatever the filter. */
  abstract page(context: RequestContext, query: ApiKeyQuery): Promise<ApiKeyPage>;
  /** @throws NotFoundError when the key is unknown or belongs elsewhere */
  abstract one(context: RequestContext, id: string): Promise<ApiKey>;
}
