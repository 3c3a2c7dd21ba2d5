import { levelOf, SCOPE_TYPES, type AccessScope, type ScopeTree, type ScopeType } from '@telemetryflow/contracts';

/** A scope as one text, for a select's value: `organization:<id>`, or `platform`. */
function scopeText(scope: AccessScope): string {
  return scope.type === 'platform' ? 'platform' : `${scope.type}:${scope.id}`;
}

/** The scope of a choice's value; undefined for any other text. */
export function scopeOf(text: string): AccessScope | undefined {
  if (text === 'platform') return { type: 'platform' };
  const [type, id] = text.split(':', 2);
  if (id === undefined || (type !== 'organization' && type !== 'workspace' && type !== 'tenant')) return undefined;
  return { type, id };
}

export interface ScopeChoice {
  /** {@link scopeOf} reads it. */
  readonly value: string;
  readonly type: ScopeType;
  /** `Acme / Production / Shop`. */
  readonly path: string;
  /** The place's own depth: organization 0, workspace 1, tenant 2. */
  readonly depth: number;
}

/** Every place of the tree, widest first within each branch; the whole platform in front when it may be chosen. */
export function scopeChoices(tree: ScopeTree['organizations'], withPlatform: boolean): ScopeChoice[] {
  const platform: ScopeChoice[] = withPlatform ? [choiceOf({ type: 'platform' }, '', 0)] : [];
  const places = tree.flatMap((organization) => [
    choiceOf({ type: 'organization', id: organization.id }, organization.name, 0),
    ...organization.workspaces.flatMap((workspace) => {
      const path = `${organization.name} / ${workspace.name}`;
      return [
        choiceOf({ type: 'workspace', id: workspace.id }, path, 1),
        ...workspace.tenants.map(({ id, name }) => choiceOf({ type: 'tenant', id }, `${path} / ${name}`, 2)),
      ];
    }),
  ]);
  return [...platform, ...places];
}

function choiceOf(scope: AccessScope, path: string, depth: number): ScopeChoice {
  return { value: scopeText(scope), type: scope.type, path, depth };
}

/** Whether holding the permission at that width means anything. */
export function isWideEnough(type: ScopeType, permission: string): boolean {
  return SCOPE_TYPES.indexOf(type) >= SCOPE_TYPES.indexOf(levelOf(permission));
}
