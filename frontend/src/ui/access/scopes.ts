import { levelOf, SCOPE_TYPES, type AccessScope, type ScopeTree, type ScopeType } from '@telemetryflow/contracts';

/** A scope as one text, for a select's value: `organization:<id>`, or `platform`. */
export function scopeText(scope: AccessScope): string {
  return scope.type === 'platform' ? 'platform' : `${scope.type}:${scope.id}`;
}

/** The scope of a text that {@link scopeText} wrote; undefined for any other. */
export function scopeOf(text: string): AccessScope | undefined {
  if (text === 'platform') return { type: 'platform' };
  const [type, id] = text.split(':', 2);
  if (id === undefined || (type !== 'organization' && type !== 'workspace' && type !== 'tenant')) return undefined;
  return { type, id };
}

export interface ScopeChoice {
  readonly value: string;
  readonly type: ScopeType;
  /** `Acme / Production / Shop`. */
  readonly path: string;
  /** The place's own depth: organization 0, workspace 1, tenant 2. */
  readonly depth: number;
}

/** Every place of the tree, widest first within each branch; the whole platform in front when it may be chosen. */
export function scopeChoices(tree: ScopeTree['organizations'], withPlatform: boolean): ScopeChoice[] {
  const platform: ScopeChoice[] = withPlatform ? [{ value: 'platform', type: 'platform', path: '', depth: 0 }] : [];
  const places = tree.flatMap((organization): ScopeChoice[] => [
    { value: `organization:${organization.id}`, type: 'organization', path: organization.name, depth: 0 },
    ...organization.workspaces.flatMap((workspace): ScopeChoice[] => {
      const path = `${organization.name} / ${workspace.name}`;
      return [
        { value: `workspace:${workspace.id}`, type: 'workspace', path, depth: 1 },
        ...workspace.tenants.map((tenant): ScopeChoice => ({
          value: `tenant:${tenant.id}`,
          type: 'tenant',
          path: `${path} / ${tenant.name}`,
          depth: 2,
        })),
      ];
    }),
  ]);
  return [...platform, ...places];
}

/** Whether holding the permission at that width means anything. */
export function isWideEnough(type: ScopeType, permission: string): boolean {
  return SCOPE_TYPES.indexOf(type) >= SCOPE_TYPES.indexOf(levelOf(permission));
}
