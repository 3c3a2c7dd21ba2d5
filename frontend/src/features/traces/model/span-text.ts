import type { Span } from '@telemetryflow/contracts';
import { withTerm } from '../../../lib/filter-terms.js';

/** W3C Trace Context, level 2, section 3.2: version, trace id, the span as the parent of what comes next, flags. */
export function traceparentOf({ traceId, spanId, flags }: Pick<Span, 'traceId' | 'spanId' | 'flags'>): string {
  return `00-${traceId}-${spanId}-${(flags & 0xff).toString(16).padStart(2, '0')}`;
}

const METHODS = ['http.request.method', 'http.method'];
const URLS = ['url.full', 'http.url'];

/** The request that a span tells of, as a command that continues its trace; null for a span that is no HTTP request. */
export function curlOf(span: Span): string | null {
  const url = urlOf(span);
  if (url === null) return null;
  const method = textOf(span, METHODS) ?? 'GET';
  const parts = ['curl', ...(method === 'GET' ? [] : ['-X', quoted(method)]), quoted(url)];
  return [...parts, '-H', quoted(`traceparent: ${traceparentOf(span)}`)].join(' ');
}

/** A client knows the whole address; a server knows its parts, by the conventions of today or those before them. */
function urlOf(span: Span): string | null {
  const full = textOf(span, URLS);
  if (full !== null) return full;
  const path = textOf(span, ['url.path', 'http.target']);
  const host = textOf(span, ['server.address', 'http.host', 'net.host.name']);
  if (path === null || host === null) return null;
  const scheme = textOf(span, ['url.scheme', 'http.scheme']) ?? 'http';
  const port = textOf(span, ['server.port', 'net.host.port']);
  const query = textOf(span, ['url.query']);
  const authority = port === null || host.includes(':') ? host : `${host}:${port}`;
  return `${scheme}://${authority}${path}${query === null ? '' : `?${query}`}`;
}

function textOf({ attributes }: Span, keys: readonly string[]): string | null {
  for (const key of keys) {
    const value = attributes[key];
    if (typeof value === 'string' && value !== '') return value;
    if (typeof value === 'number') return String(value);
  }
  return null;
}

/** For a POSIX shell: nothing in it is read as anything but text. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** The filter that finds spans of the same operation. */
export function filterOfLike({ serviceName, name }: Pick<Span, 'serviceName' | 'name'>): string {
  return withTerm(withTerm('', 'service.name', serviceName), 'name', name);
}
