import type { Level } from '../domain/hierarchy-node.js';
import type { Reach } from '../domain/reach.js';

/** Writes a condition; `parameter` takes a value and answers its placeholder. */
export type Condition = (parameter: (value: unknown) => string) => string;

/** Conditions that all hold, with their parameters numbered as they come. */
export class SqlConditions {
  readonly #conditions: string[] = ['true'];
  readonly #values: unknown[] = [];

  add(condition: Condition): void {
    this.#conditions.push(
      condition((value) => {
        this.#values.push(value);
        return `$${this.#values.length}`;
      }),
    );
  }

  get sql(): string {
    return this.#conditions.map((condition) => `(${condition})`).join(' AND ');
  }

  get values(): unknown[] {
    return [...this.#values];
  }
}

/** What of a level below the regions (alias n; w is a tenant's workspace) lies within the reach. */
export function reachConditions(level: Exclude<Level, 'region'>, reach: Reach): Condition[] {
  const { everywhere, organizations, workspaces, excluded } = reach;
  const hasWorkspace = level !== 'organization';
  const conditions: Condition[] = [];
  if (!everywhere) {
    conditions.push((p) => {
      const inOrganization = `n.organization_id = ANY(${p(organizations)}::uuid[])`;
      return hasWorkspace ? `${inOrganization} OR n.workspace_id = ANY(${p(workspaces)}::uuid[])` : inOrganization;
    });
    if (level === 'workspace') conditions.push(() => 'NOT n.is_reserved');
    if (level === 'tenant') conditions.push(() => 'NOT w.is_reserved');
  }
  const exclude = (column: string, ids: readonly string[]) => {
    if (ids.length > 0) conditions.push((p) => `n.${column} <> ALL(${p(ids)}::uuid[])`);
  };
  exclude('organization_id', excluded.organizations);
  if (hasWorkspace) exclude('workspace_id', excluded.workspaces);
  if (level === 'tenant') exclude('tenant_id', excluded.tenants);
  return conditions;
}
