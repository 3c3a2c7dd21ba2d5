import type {
  GroupMemberPage,
  PageQuery,
  PermissionList,
  PermissionMatrix,
  Role,
  RolePage,
  RoleQuery,
} from '@telemetryflow/contracts';
import type { RequestContext } from '../../../../shared/platform/index.js';

/** Roles and permissions as screens show them: the system's, and those of the organization the caller stands in. */
export abstract class RoleList {
  /** Strongest tier first. */
  abstract page(context: RequestContext, query: RoleQuery): Promise<RolePage>;
  /** @throws NotFoundError when unknown or another organization's */
  abstract one(context: RequestContext, id: string): Promise<Role>;
  /** Who holds it, directly or through a group; throws as {@link one}. */
  abstract users(context: RequestContext, id: string, query: PageQuery): Promise<GroupMemberPage>;
  /** In the catalogue's order. */
  abstract permissions(context: RequestContext): Promise<PermissionList>;
  abstract matrix(context: RequestContext): Promise<PermissionMatrix>;
}
