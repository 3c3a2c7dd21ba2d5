import { trace } from '@opentelemetry/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type TestServer } from '../../bootstrap/start-server.js';
import { ClickHouseService } from '../clickhouse/index.js';
import { parentOf } from './self-tracing.js';

describe('parentOf', () => {
  const TRACE = '0af7651916cd43dd8448eb211c80319c';
  const SPAN = 'b7ad6b7169203331';

  it('reads traceparent', () => {
    expect(trace.getSpanContext(parentOf(`00-${TRACE}-${SPAN}-01`))).toMatchObject({
      traceId: TRACE,
      spanId: SPAN,
      traceFlags: 1,
      isRemote: true,
    });
  });

  it.each([undefined, '', 'x', `00-${'0'.repeat(32)}-${SPAN}-01`, `ff-${TRACE}-${SPAN}-01`, `00-${TRACE}-${SPAN}`])(
    'ignores %s',
    (header) => expect(trace.getSpanContext(parentOf(header))).toBeUndefined(),
  );
});

describe('the platform’s own telemetry', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ OTEL_SELF: 'true' });
  });
  afterAll(async () => server.stop());

  it('lands in the reserved workspace under the caller’s trace, and traces no ingest', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const response = await fetch(`${server.url}/api/v2/config`, {
      headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01`, 'x-request-id': 'self-1' },
    });
    expect(response.headers.get('traceresponse')).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));

    const spans = () =>
      server.app
        .get(ClickHouseService)
        .query<{ name: string; tenant: string; trace: string; request: string }>(
          `SELECT name, toString(tenant_id) AS tenant, lower(hex(trace_id)) AS trace,
             attributes['telemetryflow.request_id'] AS request FROM spans_v3`,
        )
        .then(({ rows }) => rows);
    await expect.poll(spans, { timeout: 20_000, interval: 200 }).toEqual([
      {
        name: 'GET /api/v2/config',
        tenant: server.seeded.places.platform.tenantId,
        trace: traceId,
        request: 'self-1',
      },
    ]);
  });
});
