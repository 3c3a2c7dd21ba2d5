import { levelOf, SCOPE_TYPES, type ScopeType } from '@telemetryflow/contracts';

/** A part of the hierarchy with what it is part of: null below its own level, all null for the whole platform. */
export interface Area {
  readonly organizationId: string | null;
  readonly workspaceId: string | null;
  readonly tenantId: string | null;
  /** Lies in the platform's own workspace: only platform-wide roles reach it. */
  readonly reserved: boolean;
}

/** Where something happens: a tenant, and what it is part of. */
export interface Place extends Area {
  readonly organizationId: string;
  readonly workspaceId: string;
  readonly tenantId: string;
}

export const PLATFORM: Area = { organizationId: null, workspaceId: null, tenantId: null, reserved: false };

export function organizationArea(organizationId: string): Area {
  return { ...PLATFORM, organizationId };
}

export type AssignmentScope =
  { readonly type: 'platform' } | { readonly type: 'organization' | 'workspace' | 'tenant'; readonly id: string };

export function scopeOf({ organizationId, workspaceId, tenantId }: Area): AssignmentScope {
  if (tenantId !== null) return { type: 'tenant', id: tenantId };
  if (workspaceId !== null) return { type: 'workspace', id: workspaceId };
  return organizationId === null ? { type: 'platform' } : { type: 'organization', id: organizationId };
}

/** The area of a scope within the organization; of a tenant its workspace is left open. */
export function areaWithin(scope: AssignmentScope, organizationId: string): Area {
  if (scope.type === 'platform') return PLATFORM;
  if (scope.type === 'organization') return organizationArea(scope.id);
  const area = organizationArea(organizationId);
  return scope.type === 'workspace' ? { ...area, workspaceId: scope.id } : { ...area, tenantId: scope.id };
}

/** A role held at a place, directly or through a group. */
export interface Assignment {
  readonly role: string;
  /** 1 is the strongest tier. */
  readonly level: number;
  readonly scope: AssignmentScope;
  readonly permissions: readonly string[];
  /** Unix milliseconds; null: never. */
  readonly expiresAt: number | null;
}

/** One permission given beside the roles, or denied whatever they give. */
export interface Grant {
  readonly permission: string;
  readonly effect: 'allow' | 'deny';
  readonly area: Area;
  /** Unix milliseconds; null: never. */
  readonly expiresAt: number | null;
}

/** What somebody without any role has: weaker than every tier. */
const NO_LEVEL = 6;
/** Tenants whose permissions are remembered per user; more than anyone looks at within a minute. */
const MAX_REMEMBERED = 100;

interface Holding {
  readonly scope: AssignmentScope;
  /** Those that are held wide enough to mean something. */
  readonly permissions: readonly string[];
  readonly expiresAt: number | null;
}

interface Remembered {
  readonly since: number;
  readonly until: number;
  readonly permissions: ReadonlySet<string>;
}

/**
 * What one user holds, and where: roles and direct grants, minus direct denials, each while it lasts. The scope is the
 * assignment's, never the permission's: being Viewer in one tenant says nothing about its neighbour.
 */
export class Access {
  readonly #holdings: readonly Holding[];
  readonly #denials: readonly Grant[];
  readonly #remembered = new Map<string, Remembered>();

  constructor(
    readonly assignments: readonly Assignment[],
    grants: readonly Grant[] = [],
  ) {
    const allowed = grants
      .filter(({ effect }) => effect === 'allow')
      .map(({ area, permission, expiresAt }) => ({ scope: scopeOf(area), permissions: [permission], expiresAt }));
    this.#holdings = [...assignments, ...allowed].map(({ scope, permissions, expiresAt }) => ({
      scope,
      permissions: permissions.filter((permission) => meansSomethingAt(permission, scope.type)),
      expiresAt,
    }));
    this.#denials = grants.filter(({ effect }) => effect === 'deny');
  }

  /** Whether any role, or a permission given directly, reaches the tenant. */
  mayEnter(place: Place, now: number): boolean {
    return this.#holdings.some(({ scope, expiresAt }) => isCurrent(expiresAt, now) && reaches(scope, place));
  }

  /** Role codes that apply in the tenant, without repetition. */
  rolesAt(place: Place, now: number): string[] {
    return [...new Set(this.#rolesOver(place, now).map(({ role }) => role))];
  }

  /**
   * What the caller may do in the tenant. A permission counts only where it is held wide enough to mean something:
   * `users:read` of a role in one tenant is nothing.
   */
  permissionsAt(place: Place, now: number): ReadonlySet<string> {
    const known = this.#remembered.get(place.tenantId);
    if (known && known.since <= now && now < known.until) return known.permissions;
    const permissions = this.permissionsThroughout(place, now);
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(place.tenantId, { since: now, until: this.#nextExpiry(now), permissions });
    return permissions;
  }

  /**
   * What is held in every part of the area: by scopes that contain it, and denied nowhere in it. Who grants something
   * over an area must hold it so.
   */
  permissionsThroughout(area: Area, now: number): ReadonlySet<string> {
    const held = new Set<string>();
    for (const { scope, permissions, expiresAt } of this.#holdings) {
      if (!isCurrent(expiresAt, now) || !reaches(scope, area)) continue;
      for (const permission of permissions) held.add(permission);
    }
    for (const denial of this.#denials) {
      if (isCurrent(denial.expiresAt, now) && overlap(denial.area, area)) held.delete(denial.permission);
    }
    return held;
  }

  /** By which scopes the permission is held, and where it is denied: for lists that the store filters. */
  holdingOf(
    permission: string,
    now: number,
  ): { readonly scopes: readonly AssignmentScope[]; readonly denied: readonly Area[] } {
    const holds = (one: Holding) => one.permissions.includes(permission) && isCurrent(one.expiresAt, now);
    const denies = (one: Grant) => one.permission === permission && isCurrent(one.expiresAt, now);
    return {
      scopes: this.#holdings.filter(holds).map(({ scope }) => scope),
      denied: this.#denials.filter(denies).map(({ area }) => area),
    };
  }

  /** Where something is held at this moment, and what; denials left aside: the most that it could be. */
  holdingsNow(now: number): readonly { readonly scope: AssignmentScope; readonly permissions: readonly string[] }[] {
    return this.#holdings.filter(({ expiresAt }) => isCurrent(expiresAt, now));
  }

  /** What is held in the whole workspace, whichever tenant: what a workspace-wide key may be given. */
  permissionsInWorkspace(place: Place, now: number): ReadonlySet<string> {
    return this.permissionsThroughout({ ...place, tenantId: null }, now);
  }

  /** The strongest tier (1 is the strongest) of the roles whose scope contains the area; 6 without any. */
  strongestLevelOver(area: Area, now: number): number {
    return Math.min(NO_LEVEL, ...this.#rolesOver(area, now).map(({ level }) => level));
  }

  /** The strongest tier held anywhere; 6 without any. */
  strongestLevel(now: number): number {
    const current = this.assignments.filter(({ expiresAt }) => isCurrent(expiresAt, now));
    return Math.min(NO_LEVEL, ...current.map(({ level }) => level));
  }

  /** Whether a role is held over the whole platform. */
  isPlatformWide(now: number): boolean {
    return this.assignments.some(({ scope, expiresAt }) => scope.type === 'platform' && isCurrent(expiresAt, now));
  }

  #rolesOver(area: Area, now: number): Assignment[] {
    return this.assignments.filter(({ scope, expiresAt }) => isCurrent(expiresAt, now) && reaches(scope, area));
  }

  /** When the answer may change by itself. */
  #nextExpiry(now: number): number {
    const ends = [...this.#holdings, ...this.#denials].map(({ expiresAt }) => expiresAt ?? Infinity);
    return Math.min(Infinity, ...ends.filter((end) => end > now));
  }
}

/** Whether a permission held at that width means anything. */
export function meansSomethingAt(permission: string, width: ScopeType): boolean {
  return SCOPE_TYPES.indexOf(width) >= SCOPE_TYPES.indexOf(levelOf(permission));
}

/** Whether the scope contains the whole area. */
function reaches(scope: AssignmentScope, area: Area): boolean {
  if (scope.type === 'platform') return true;
  if (area.reserved) return false;
  if (scope.type === 'organization') return scope.id === area.organizationId;
  if (scope.type === 'workspace') return scope.id === area.workspaceId;
  return scope.id === area.tenantId;
}

/** Whether one contains the other; parts of a hierarchy overlap in no other way. */
function overlap(one: Area, other: Area): boolean {
  return (['organizationId', 'workspaceId', 'tenantId'] as const).every(
    (level) => one[level] === null || other[level] === null || one[level] === other[level],
  );
}

function isCurrent(expiresAt: number | null, now: number): boolean {
  return expiresAt === null || expiresAt > now;
}
