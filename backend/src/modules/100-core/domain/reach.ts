import type { Area, AssignmentScope } from './access.js';
import type { Level } from './hierarchy-node.js';

/** Where something is held, and where it is denied, as `Access.holdingOf` tells. */
export interface Holding {
  readonly scopes: readonly AssignmentScope[];
  readonly denied: readonly Area[];
}

/** Which nodes of a level a list may show: those of a scope, but for what is excluded. */
export interface Reach {
  /** The whole platform, its own workspace included. */
  readonly everywhere: boolean;
  readonly organizations: readonly string[];
  readonly workspaces: readonly string[];
  readonly excluded: {
    readonly organizations: readonly string[];
    readonly workspaces: readonly string[];
    readonly tenants: readonly string[];
  };
}

const NOWHERE: Reach = {
  everywhere: false,
  organizations: [],
  workspaces: [],
  excluded: { organizations: [], workspaces: [], tenants: [] },
};

/** A denial takes away what it contains, and what contains it: one has to hold something throughout. */
export function reachOver({ scopes, denied }: Holding, level: Level): Reach {
  if (denied.some(({ organizationId }) => organizationId === null)) return NOWHERE;
  const idsOf = (wanted: 'organization' | 'workspace') =>
    scopes.flatMap((scope) => (scope.type === wanted ? [scope.id] : []));
  const width = (area: Area): Level => {
    const own = area.tenantId !== null ? 'tenant' : area.workspaceId !== null ? 'workspace' : 'organization';
    return WIDTHS.indexOf(own) > WIDTHS.indexOf(level) ? level : own;
  };
  const excluded = (wanted: Level, id: (area: Area) => string | null) =>
    denied.filter((area) => width(area) === wanted).flatMap((area) => id(area) ?? []);
  return {
    everywhere: scopes.some(({ type }) => type === 'platform'),
    organizations: idsOf('organization'),
    workspaces: idsOf('workspace'),
    excluded: {
      organizations: excluded('organization', (area) => area.organizationId),
      workspaces: excluded('workspace', (area) => area.workspaceId),
      tenants: excluded('tenant', (area) => area.tenantId),
    },
  };
}

const WIDTHS: readonly Level[] = ['region', 'organization', 'workspace', 'tenant'];
