type Catalogue = Record<string, unknown>;

/** `{ traces: {...}, logs: {...} }` of `features/<name>/locales/<language>.json`. */
export function byFeature(files: Record<string, Catalogue>): Catalogue {
  return Object.fromEntries(
    Object.entries(files).map(([path, messages]) => [/features\/([^/]+)\//.exec(path)?.[1] ?? path, messages]),
  );
}
