import type { Group, GroupMemberPage, GroupPage, GroupQuery, PageQuery } from '@telemetryflow/contracts';
import type { RequestContext } from '../../../../shared/platform/index.js';

/** Groups of the organization the caller stands in, as screens show them. */
export abstract class GroupList {
  /** By name. */
  abstract page(context: RequestContext, query: GroupQuery): Promise<GroupPage>;
  /** @throws NotFoundError when unknown or another organization's */
  abstract one(context: RequestContext, id: string): Promise<Group>;
  /** By address; throws as {@link one}. */
  abstract members(context: RequestContext, id: string, query: PageQuery): Promise<GroupMemberPage>;
}
