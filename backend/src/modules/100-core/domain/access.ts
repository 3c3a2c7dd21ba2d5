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

  /** The union of what the roles that apply in the tenant grant. */
  permissionsAt(place: Place, now: number): ReadonlySet<string> {
    return unionOf(this.#at(place, now));
  }

  /** What is held in the whole workspace, whichever tenant: what a workspace-wide key may be given. */
  permissionsInWorkspace(place: Place, now: number): ReadonlySet<string> {
    return unionOf(this.#at(place, now).filter(({ scope }) => scope.type !== 'tenant'));
  }

  #at(place: Place, now: number): Assignment[] {
    return this.assignments.filter(
      ({ scope, expiresAt }) => (expiresAt === null || expiresAt > now) && reaches(scope, place),
    );
  }
}

function reaches(scope: AssignmentScope, place: Place): boolean {
  if (scope.type === 'platform') return true;
  if (place.reserved) return false;
  if (scope.type === 'organization') return scope.id === place.organizationId;
  if (scope.type === 'workspace') return scope.id === place.workspaceId;
  return scope.id === place.tenantId;
}

function unionOf(assignments: readonly Assignment[]): ReadonlySet<string> {
  return new Set(assignments.flatMap(({ permissions }) => permissions));
}
