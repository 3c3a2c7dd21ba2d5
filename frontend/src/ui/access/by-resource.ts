export interface ResourceActions {
  readonly resource: string;
  readonly actions: readonly string[];
}

/** Permissions (`users:read`) by their resource, both in alphabetical order; only those that contain `search`. */
export function byResource(permissions: readonly string[], search = ''): ResourceActions[] {
  const words = search.trim().toLowerCase();
  const groups = new Map<string, string[]>();
  for (const permission of [...permissions].sort()) {
    if (!permission.toLowerCase().includes(words)) continue;
    const [resource = '', action = ''] = permission.split(':', 2);
    groups.set(resource, [...(groups.get(resource) ?? []), action]);
  }
  return [...groups].map(([resource, actions]) => ({ resource, actions }));
}
