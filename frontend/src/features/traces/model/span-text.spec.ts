import { execFileSync } from 'node:child_process';
import type { Attributes, Span } from '@telemetryflow/contracts';
import { describe, expect, it } from 'vitest';
import { curlOf, filterOfLike, traceparentOf } from './span-text.js';

const spanWith = (attributes: Attributes): Span => ({
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  parentSpanId: '',
  traceState: '',
  flags: 0x301,
  name: 'GET /cart',
  kind: 'client',
  serviceName: 'shop front',
  startTimeUnixNano: '0',
  endTimeUnixNano: '1',
  durationNs: '1',
  statusCode: 'unset',
  statusMessage: '',
  attributes,
  resourceAttributes: {},
  scope: { name: '', version: '', attributes: {}, schemaUrl: '' },
  events: [],
  links: [],
  droppedAttributesCount: 0,
  droppedEventsCount: 0,
  droppedLinksCount: 0,
});

it('traceparent names the trace, the span and its flags, without those that are OTLP’s alone', () => {
  expect(traceparentOf(spanWith({}))).toBe('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
});

describe('curl', () => {
  const header = `-H 'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'`;

  it.each([
    [{ 'url.full': 'https://a.example/x?y=1' }, `curl 'https://a.example/x?y=1' ${header}`],
    [{ 'http.url': 'http://a/x', 'http.method': 'POST' }, `curl -X 'POST' 'http://a/x' ${header}`],
    [
      {
        'url.path': '/orders',
        'url.query': 'a=b',
        'url.scheme': 'https',
        'server.address': 'shop',
        'server.port': 8443,
      },
      `curl 'https://shop:8443/orders?a=b' ${header}`,
    ],
    [{ 'db.system.name': 'postgresql' }, null],
  ])('of %j', (attributes, command) => {
    expect(curlOf(spanWith(attributes))).toBe(command);
  });

  it('says to a shell what the span says, whatever that is', () => {
    const url = `http://a/'; echo owned; '$(id)\`id\`"\\`;
    const command = curlOf(spanWith({ 'url.full': url })) ?? '';
    const args = execFileSync('sh', ['-c', `printf '%s\\n' ${command.slice('curl '.length)}`], { encoding: 'utf8' });
    expect(args.split('\n')[0]).toBe(url);
  });
});

it('spans like this are those of its service and name', () => {
  expect(filterOfLike(spanWith({}))).toBe('service.name:"shop front" AND name:"GET /cart"');
});
