import type { AssignmentPage, RoleAssignmentList, UserPermissions, UserQuery } from '@telemetryflow/contracts';
import type { RequestContext } from '../../../../shared/platform/index.js';

/** Who holds what where, as screens show it. What has expired is left out. */
export abstract class AssignmentList {
  /** Directly or through groups. Throws NotFoundError when the user is unknown or out of reach. */
  abstract ofUser(context: RequestContext, userId: string): Promise<RoleAssignmentList>;
  /** Throws NotFoundError when the group is unknown or out of reach. */
  abstract ofGroup(context: RequestContext, groupId: string): Promise<RoleAssignmentList>;
  /** Throws as {@link ofUser}. */
  abstract grantsOf(context: RequestContext, userId: string): Promise<UserPermissions['grants']>;
  /** Users, filtered as lists of users are, with what they hold. */
  abstract page(context: RequestContext, query: UserQuery): Promise<AssignmentPage>;
}
