import type { User, UserPage, UserQuery } from '@telemetryflow/contracts';
import type { RequestContext } from '../../../../shared/platform/index.js';

/** Users as screens show them: those of the caller's organization; of all, for who holds a role over the platform. */
export abstract class UserList {
  /** Newest first. */
  abstract page(context: RequestContext, query: UserQuery): Promise<UserPage>;
  /** @throws NotFoundError when unknown, deleted or out of reach */
  abstract one(context: RequestContext, id: string): Promise<User>;
}
