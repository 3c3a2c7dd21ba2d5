export interface Change {
  /** Dotted path of the value. */
  readonly path: string;
  /** As JSON; undefined where there was none. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly isChanged: boolean;
}

type Values = Readonly<Record<string, unknown>>;

/** What an act changed, value by value; what changed comes first. Lists are one value: their order means something. */
export function changesOf(before: Values | null, after: Values | null): Change[] {
  const was = flat(before ?? {});
  const is = flat(after ?? {});
  const changes = [...new Set([...was.keys(), ...is.keys()])].map((path) => ({
    path,
    before: was.get(path),
    after: is.get(path),
    isChanged: was.get(path) !== is.get(path),
  }));
  return changes.sort((a, b) => Number(b.isChanged) - Number(a.isChanged) || a.path.localeCompare(b.path));
}

function flat(values: Values, prefix = '', into = new Map<string, string>()): Map<string, string> {
  for (const [key, value] of Object.entries(values)) {
    const path = `${prefix}${key}`;
    if (isObject(value) && Object.keys(value).length > 0) flat(value, `${path}.`, into);
    else into.set(path, JSON.stringify(value) ?? 'null');
  }
  return into;
}

function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
