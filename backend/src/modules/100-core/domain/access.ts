import { levelOf, SCOPE_TYPES } from '@telemetryflow/contracts';

/** Where something happens: a tenant, and what it is part of. */
export interface Place {
  readonly organizationId: string;
  readonly workspaceId: string;
  readonly tenantId: string;
  /** The platform's own workspace: only platform-wide roles reach it. */
  readonly reserved: boolean;
}

export type AssignmentScope =
  { readonly type: 'platform' } | { readonly type: 'organization' | 'workspace' | 'tenant'; readonly id: string };

/** A role held at a place. */
export interface Assignment {
  readonly role: string;
  readonly scope: AssignmentScope;
  readonly permissions: readonly string[];
  /** Unix milliseconds; null: never. */
  readonly expiresAt: number | null;
}

/**
 * What one user holds, and where. The scope is the assignment's, never the permission's: being Viewer in one tenant
 * says nothing about its neighbour.
 */
export class Access {
  constructor(readonly assignments: readonly Assignment[]) {}

  /** Whether any role reaches the tenant. */
  mayEnter(place: Place, now: number): boolean {
    return this.#at(place, now).length > 0;
  }

  /** Role codes that apply in the tenant, without repetition. */
  rolesAt(place: Place, now: number): string[] {
    return [...new Set(this.#at(place, now).map((assignment) => assignment.role))];
  }

  /**
   * The union of what the roles that apply in the tenant grant. A permission counts only where it is held wide enough
   * to mean something: `users:read` of a role in one tenant is nothing.
   */
  permissionsAt(place: Place, now: number): ReadonlySet<string> {
    return unionOf(this.#at(place, now));
  }

  /** Whether a role is held over the whole platform. */
  isPlatformWide(now: number): boolean {
    return this.assignments.some(({ scope, expiresAt }) => scope.type === 'platform' && isCurrent(expiresAt, now));
  }

  /** What is held in the whole workspace, whichever tenant: what a workspace-wide key may be given. */
  permissionsInWorkspace(place: Place, now: number): ReadonlySet<string> {
    return unionOf(this.#at(place, now).filter(({ scope }) => scope.type !== 'tenant'));
  }

  #at(place: Place, now: number): Assignment[] {
    return this.assignments.filter(({ scope, expiresAt }) => isCurrent(expiresAt, now) && reaches(scope, place));
  }
}

function reaches(scope: AssignmentScope, place: Place): boolean {
  if (scope.type === 'platform') return true;
  if (place.reserved) return false;
  if (scope.type === 'organization') return scope.id === place.organizationId;
  if (scope.type === 'workspace') return scope.id === place.workspaceId;
  return scope.id === place.tenantId;
}

function isCurrent(expiresAt: number | null, now: number): boolean {
  return expiresAt === null || expiresAt > now;
}

function unionOf(assignments: readonly Assignment[]): ReadonlySet<string> {
  return new Set(
    assignments.flatMap(({ permissions, scope }) =>
      permissions.filter((permission) => isWideEnough(scope, permission)),
    ),
  );
}

function isWideEnough(scope: AssignmentScope, permission: string): boolean {
  return SCOPE_TYPES.indexOf(scope.type) >= SCOPE_TYPES.indexOf(levelOf(permission));
}
