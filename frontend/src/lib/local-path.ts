/**
 * A `redirect` value as a path of this application, or null. Refuses everything that could leave it: other origins,
 * `//host`, `/\host`, `javascript:`, control characters.
 */
export function localPath(raw: unknown): string | null {
  if (typeof raw !== 'string' || !/^\/(?![/\\])/.test(raw)) return null;
  // Browsers drop tabs and newlines from URLs, which can turn `/\t/host` into `//host`.
  if ([...raw].some((character) => character < ' ' || character === '\\')) return null;
  const base = 'http://local.invalid';
  const url = URL.parse(raw, base);
  // `/..//host` normalises to `//host`.
  return url?.origin === base && !url.pathname.startsWith('//') ? url.pathname + url.search + url.hash : null;
}
