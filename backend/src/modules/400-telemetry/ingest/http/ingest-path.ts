import type { Signal } from '@telemetryflow/otlp';

const SIGNAL_OF: ReadonlyMap<string, Signal> = new Map([
  ['traces', 'traces'],
  ['metrics', 'metrics'],
  ['logs', 'logs'],
]);

/** What stands before the signal in the paths that real clients post to. */
const PREFIXES: ReadonlySet<string> = new Set([
  '/v1',
  '/v2',
  '/v1/otlp',
  '/v2/otlp',
  '/v1/otlp/v1',
  '/api/v1',
  '/api/v2',
  '/api/v2/otlp',
  '/api/v2/otlp/v1',
]);

/** The signal that a request's URL takes in; `undefined` when the URL is not one of ingest. */
export function signalOfUrl(url: string): Signal | undefined {
  const query = url.indexOf('?');
  let end = query < 0 ? url.length : query;
  if (url.charCodeAt(end - 1) === 0x2f) end -= 1; // one trailing slash
  const slash = url.lastIndexOf('/', end - 1);
  const signal = SIGNAL_OF.get(url.slice(slash + 1, end));
  return signal !== undefined && PREFIXES.has(url.slice(0, slash)) ? signal : undefined;
}
