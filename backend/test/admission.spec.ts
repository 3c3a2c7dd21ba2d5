/** Limits as senders meet them: rates, quotas, failed authentication, times out of bounds, no room. */
import { randomBytes } from 'node:crypto';
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtoTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { CreatedApiKey, HealthResponse, MeResponse } from '@telemetryflow/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gauge, itemOf, logRecord, newService, requestOf, span } from './conformance/requests.js';
import { ObservedPlatform } from './support/observed-platform.js';
import { CONTENT_TYPE, encode, OtlpClient, SIGNALS, TRANSPORTS, type Message } from './support/otlp-client.js';
import type { SignalName } from './support/otlp.js';
import { eventually, type Key, TestPlatform } from './support/platform.js';

const FAILURES_PER_MINUTE = 10;
const HTTP = ['http/protobuf', 'http/json'] as const;

const headersOf = ({ keyId, keySecret }: Key) => ({ 'x-api-key-id': keyId, 'x-api-key-secret': keySecret });
/** From an address that no other test sends from; the server believes its proxy, which is the test. */
let addresses = 0;
let keysMade = 0;
const fromElsewhere = () => ({ 'x-forwarded-for': `10.20.${(addresses += 1) >> 8}.${addresses & 255}` });

async function createKey(platform: TestPlatform, rateLimit?: number): Promise<Key> {
  const { body: me } = await platform.api<MeResponse>('GET', '/api/v2/auth/me');
  const { status, body } = await platform.api<CreatedApiKey>('POST', '/api/v2/api-keys', {
    body: {
      name: `sender ${(keysMade += 1)}`,
      permissions: ['traces:write', 'metrics:write', 'logs:write'],
      scope: { type: 'tenant', tenantId: me.tenantId },
      rateLimit,
    },
  });
  expect(status).toBe(201);
  return body;
}

/** The sum of a metric's values whose labels contain `labels`. */
async function metric(platform: TestPlatform, name: string, labels = ''): Promise<number> {
  const { body } = await platform.request<string>('GET', '/metrics');
  const lines = body.split('\n').filter((line) => /^[^{ ]+/.exec(line)?.[0] === name && line.includes(labels));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

function post(platform: TestPlatform, transport: (typeof HTTP)[number], headers: Record<string, string>) {
  const body = encode(transport, 'logs', requestOf('logs', 'limits', [logRecord()]));
  return fetch(`${platform.otlpHttpUrl}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': CONTENT_TYPE[transport], ...headers },
    body: new Uint8Array(body),
  });
}

describe('limits of a key', () => {
  let server: ObservedPlatform;
  let platform: TestPlatform;
  beforeAll(async () => {
    server = await ObservedPlatform.start({
      TRUST_PROXY: 'true',
      THROTTLE_INGESTION_LIMIT: '4',
      API_KEY_FAILURES_PER_MINUTE: String(FAILURES_PER_MINUTE),
      INGEST_MAX_PAST_SECONDS: '3600',
      INGEST_MAX_FUTURE_SECONDS: '600',
    });
    platform = server.platform;
  });
  afterAll(() => server?.dispose());

  it.each(HTTP)('%s: are told with every answer, and beyond them when to come back', async (transport) => {
    const key = await createKey(platform);
    for (let left = 3; left >= 0; left -= 1) {
      const { status, headers } = await post(platform, transport, headersOf(key));
      expect([status, headers.get('x-ratelimit-limit'), headers.get('x-ratelimit-remaining')]).toEqual([
        200,
        '4',
        `${left}`,
      ]);
      expect(headers.get('retry-after')).toBeNull();
    }
    const { status, headers } = await post(platform, transport, headersOf(key));
    expect([status, headers.get('x-ratelimit-limit'), headers.get('x-ratelimit-remaining')]).toEqual([429, '4', '0']);
    expect(headers.get('retry-after')).toMatch(/^\d+$/);
    const waitSeconds = Number(headers.get('retry-after'));
    expect(waitSeconds).toBeGreaterThan(0);
    expect(waitSeconds).toBeLessThanOrEqual(61);
    expect(Number(headers.get('x-ratelimit-reset')) - Date.now() / 1000).toBeLessThanOrEqual(62);
    expect(headers.get('content-type')).toBe(CONTENT_TYPE[transport]);

    const reply = await new OtlpClient(platform, key).send(
      transport,
      'logs',
      requestOf('logs', 'limits', [logRecord()]),
    );
    expect(reply.status).toMatchObject({ code: 8, retryDelaySeconds: Number(reply.retryAfter) });
    expect(reply.status?.message).toContain('More than 4 requests per minute');
    expect((await post(platform, transport, headersOf(await createKey(platform)))).status).toBe(200);
    const answered = `signal="logs",protocol="${transport}"`;
    expect(await metric(platform, 'otlp_ingestion_duration_ms_count', answered)).toBe(
      await metric(platform, 'otlp_ingestion_total', answered),
    );
  });

  it('over gRPC are RESOURCE_EXHAUSTED with RetryInfo; a limit of its own goes before the platform’s', async () => {
    const client = new OtlpClient(platform, await createKey(platform, 2));
    const before = await metric(platform, 'otlp_ingestion_rate_limited_total', 'key_requests_per_minute');
    for (let i = 0; i < 2; i += 1)
      expect((await client.send('grpc', 'traces', requestOf('traces', 'limits', [span()]))).ok).toBe(true);
    const refused = await client.send('grpc', 'traces', requestOf('traces', 'limits', [span()]));
    expect(refused).toMatchObject({ ok: false, code: 8 });
    expect(refused.status?.retryDelaySeconds).toBeGreaterThan(0);
    expect(await metric(platform, 'otlp_ingestion_rate_limited_total', 'key_requests_per_minute')).toBe(before + 1);
    expect(
      await metric(platform, 'otlp_ingestion_total', 'protocol="grpc",code="8",reason="throttled"'),
    ).toBeGreaterThan(0);
  });

  describe('failed authentication', () => {
    const wrongSecret = (key: Key) => ({
      ...headersOf(key),
      'x-api-key-secret': `tfs-${randomBytes(32).toString('hex')}`,
    });
    const unknownKey = () =>
      headersOf({
        keyId: `tfk-${randomBytes(16).toString('hex')}`,
        keySecret: `tfs-${randomBytes(32).toString('hex')}`,
      });
    const statuses = async (headers: Record<string, string>[]) =>
      Promise.all(headers.map(async (one) => (await post(platform, 'http/json', one)).status));

    it('is answered 429 beyond the limit of an address, which others and proven keys do not feel', async () => {
      const key = await createKey(platform, 100_000);
      const address = fromElsewhere();
      expect((await post(platform, 'http/json', { ...headersOf(key), ...address })).status).toBe(200);
      const answers = await statuses(Array.from({ length: 200 }, () => ({ ...unknownKey(), ...address })));
      expect(answers.filter((status) => status === 401).length).toBeGreaterThanOrEqual(FAILURES_PER_MINUTE);
      expect(answers.filter((status) => status === 401).length).toBeLessThan(FAILURES_PER_MINUTE + 5);
      const refused = await post(platform, 'http/json', { ...unknownKey(), ...address });
      expect([refused.status, Number(refused.headers.get('retry-after'))]).toEqual([429, expect.any(Number)]);
      expect(await refused.json()).toMatchObject({
        code: 8,
        message: expect.stringContaining('failed authentications'),
      });
      expect((await post(platform, 'http/json', { ...headersOf(key), ...address })).status).toBe(200);
      expect((await post(platform, 'http/json', { ...unknownKey(), ...fromElsewhere() })).status).toBe(401);
    });

    it('over gRPC is RESOURCE_EXHAUSTED with RetryInfo beyond the limit', async () => {
      const address = fromElsewhere();
      const client = new OtlpClient(platform, { keyId: unknownKey()['x-api-key-id'], keySecret: 'tfs-wrong' });
      const send = () => client.send('grpc', 'logs', {}, { headers: address });
      for (let i = 0; i < FAILURES_PER_MINUTE; i += 1) expect((await send()).code).toBe(16);
      const refused = await send();
      expect(refused.code).toBe(8);
      expect(refused.status?.retryDelaySeconds).toBeGreaterThan(0);
    });

    it('costs no Argon2 run per request, whoever guesses at whatever key from wherever', async () => {
      const used = await createKey(platform, 100_000);
      await post(platform, 'http/json', { ...headersOf(used), ...fromElsewhere() });
      const neverUsed = await createKey(platform, 100_000);
      const checks = () => metric(platform, 'api_key_secret_checks_total');
      const before = await checks();
      await statuses(Array.from({ length: 500 }, () => ({ ...unknownKey(), ...fromElsewhere() })));
      await statuses(Array.from({ length: 500 }, () => ({ ...wrongSecret(used), ...fromElsewhere() })));
      expect((await checks()) - before).toBe(0);

      const startedAt = performance.now();
      const answers = await statuses(
        Array.from({ length: 1_000 }, () => ({ ...wrongSecret(neverUsed), ...fromElsewhere() })),
      );
      expect(new Set(answers)).not.toContain(200);
      const minutes = (performance.now() - startedAt) / 60_000;
      expect((await checks()) - before).toBeLessThanOrEqual(Math.ceil(FAILURES_PER_MINUTE * (1 + minutes)));
      expect((await checks()) - before).toBeGreaterThan(0);
    });
  });

  describe.each(TRANSPORTS)('%s: items out of time', (transport) => {
    const at = (offsetSeconds: number): string => String(BigInt(Date.now() + offsetSeconds * 1000) * 1_000_000n);
    const itemAt = (signal: SignalName, time: string): Message =>
      ({
        traces: () => span({ startTimeUnixNano: time, endTimeUnixNano: time }),
        logs: () => logRecord({ timeUnixNano: time, observedTimeUnixNano: time }),
        metrics: () => gauge({ timeUnixNano: time }),
      })[signal]();

    it.each(SIGNALS)('are refused by their bound and reason, the others taken: %s', async (signal) => {
      const client = new OtlpClient(platform, await createKey(platform, 100_000));
      const service = newService();
      const times = { late: -3700, within: -3500, early: 500, tooEarly: 700 };
      const reply = await client.send(
        transport,
        signal,
        requestOf(
          signal,
          service,
          Object.values(times).map((offset) => itemAt(signal, at(offset))),
        ),
      );
      expect(reply.partial?.rejected).toBe(2);
      expect(reply.partial?.message).toContain('1: time is more than 3600 s before receipt');
      expect(reply.partial?.message).toContain('1: time is more than 600 s after receipt');
      await server.stored(signal, [service], 2);
      expect(
        await metric(
          platform,
          'otlp_ingestion_refused_items_total',
          `signal="${signal}",reason="time is more than 3600`,
        ),
      ).toBeGreaterThan(0);
    });
  });
});

describe('limits of a tenant', () => {
  const QUOTA = 200_000;
  let server: ObservedPlatform;
  let platform: TestPlatform;
  beforeAll(async () => {
    server = await ObservedPlatform.start({
      INGEST_TENANT_ITEMS_PER_SECOND: '50',
      INGEST_TENANT_BYTES_PER_DAY: String(QUOTA),
    });
    platform = server.platform;
  });
  afterAll(() => server?.dispose());

  it.each([
    ['http/protobuf', ProtoTraceExporter],
    ['http/json', JsonTraceExporter],
  ] as const)('%s: a real exporter backs off, and nothing is lost', async (_, Exporter) => {
    const service = newService();
    const exporter = new Exporter({
      url: `${platform.otlpHttpUrl}/v1/traces`,
      headers: headersOf(await platform.developmentKey()),
    });
    const provider = new TracerProvider({
      resource: resourceFromAttributes({ 'service.name': service }),
      spanProcessors: [new BatchSpanProcessor({ exporter, maxExportBatchSize: 60, maxQueueSize: 1_000 })],
    });
    const before = await metric(platform, 'otlp_ingestion_rate_limited_total', 'tenant_items_per_second');
    const tracer = provider.getTracer('test');
    for (let batch = 0; batch < 2; batch += 1) {
      for (let i = 0; i < 120; i += 1) tracer.startSpan(`step ${i}`).end();
      await provider.forceFlush();
    }
    await provider.shutdown();
    await server.stored('traces', [service], 240);
    expect(await metric(platform, 'otlp_ingestion_rate_limited_total', 'tenant_items_per_second')).toBeGreaterThan(
      before,
    );
  });

  /** Checks again when a UTC day began meanwhile, and with it a new quota. */
  async function withinOneDay(check: () => Promise<void>): Promise<void> {
    const day = (): string => new Date().toISOString().slice(0, 10);
    const began = day();
    try {
      await check();
    } catch (error) {
      if (day() === began) throw error;
      await check();
    }
  }

  const quotaOutlastsRestart = async (): Promise<void> => {
    const client = new OtlpClient(platform, await platform.developmentKey());
    const large = requestOf('logs', newService(), [logRecord({ body: { stringValue: 'x'.repeat(QUOTA) } })]);
    await eventually('the last request that fits', async () =>
      (await client.send('http/json', 'logs', large)).ok ? true : undefined,
    );
    expect((await client.send('http/json', 'logs', large)).code).toBe(429);
    await platform.stop();
    await platform.launch();
    const secondsToMidnight = (): number => (new Date().setUTCHours(24, 0, 0, 0) - Date.now()) / 1000;
    const atMost = Math.ceil(secondsToMidnight());
    const refused = await client.send(
      'http/protobuf',
      'metrics',
      requestOf('metrics', newService(), [itemOf('metrics')]),
    );
    expect(refused.code).toBe(429);
    expect(Number(refused.retryAfter)).toBeLessThanOrEqual(atMost);
    expect(Number(refused.retryAfter)).toBeGreaterThanOrEqual(Math.floor(secondsToMidnight()));
    expect(refused.status?.message).toContain(`${QUOTA} bytes of this UTC day`);
    const overGrpc = await client.send('grpc', 'logs', requestOf('logs', newService(), [itemOf('logs')]));
    expect([overGrpc.code, overGrpc.status?.retryDelaySeconds]).toEqual([8, undefined]);
  };
  it('its quota outlasts a restart: 429 until tomorrow, and gRPC clients are not to try again', () =>
    withinOneDay(quotaOutlastsRestart));
});

describe('the canary', () => {
  const ready = async (platform: TestPlatform) => (await platform.request<HealthResponse>('GET', '/health/ready')).body;

  let server: ObservedPlatform;
  beforeAll(async () => {
    server = await ObservedPlatform.start({ INGEST_CANARY_SECONDS: '1' });
  });
  afterAll(() => server?.dispose());

  it('writes and reads itself back, out of everybody’s sight', async () => {
    const { platform } = server;
    await eventually(
      'two rounds',
      async () => (await metric(platform, 'otlp_canary_rounds_total', 'ok')) >= 2 || undefined,
      60_000,
    );
    // A round that took too long, on a machine that is busy, is followed by one that does not.
    const canary = await eventually('a canary that is up', async () => {
      const { dependencies } = await ready(platform);
      return dependencies?.['canary']?.status === 'up' ? dependencies['canary'] : undefined;
    });
    expect(canary.detail).toMatch(/^queryable \d+ ms after/);
    expect(await metric(platform, 'otlp_canary_round_trip_ms')).toBeGreaterThan(0);
    expect(await metric(platform, 'otlp_ingestion_items_total')).toBe(0);
    await eventually('its spans in the store', async () => {
      const { items } = await server.store.count('traces', ['telemetryflow-canary']);
      return items > 0 ? true : undefined;
    });
    for (const as of ['super', 'administrator', 'viewer'] as const) {
      const { status, body } = await platform.api('GET', '/api/v2/telemetry/services', { as });
      expect(status).toBe(200);
      expect(JSON.stringify(body)).not.toContain('canary');
    }
  }, 120_000);
});

describe('a store that is away', () => {
  const LOG_MAX_BYTES = 16 * 1024 * 1024;
  let platform: TestPlatform;
  let client: OtlpClient;
  beforeAll(async () => {
    platform = await TestPlatform.start({
      CLICKHOUSE_URL: 'http://127.0.0.1:9',
      INGEST_CANARY_SECONDS: '1',
      INGEST_LOG_MAX_BYTES: String(LOG_MAX_BYTES),
      INGEST_SEGMENT_BYTES: String(1024 * 1024),
      OTEL_SELF: 'false',
    });
    client = new OtlpClient(platform, await platform.developmentKey());
  });
  afterAll(() => platform?.dispose());

  it('degrades readiness, and ingest goes on until its log is full; then all are told to come back', async () => {
    const megabyte = requestOf('logs', 'away', [logRecord({ body: { stringValue: 'x'.repeat(1024 * 1024) } })]);
    let taken = 0;
    while ((await client.send('http/protobuf', 'logs', megabyte)).ok) taken += 1;
    expect(taken).toBeGreaterThanOrEqual(15);
    expect(taken).toBeLessThanOrEqual(17);
    for (const transport of TRANSPORTS) {
      const refused = await client.send(transport, 'traces', requestOf('traces', 'away', [span()]));
      expect([refused.code, refused.status?.code]).toEqual([transport === 'grpc' ? 14 : 503, 14]);
      expect(refused.status?.retryDelaySeconds).toBeGreaterThan(0);
      if (transport !== 'grpc') expect(Number(refused.retryAfter)).toBe(refused.status?.retryDelaySeconds);
    }
    expect(await metric(platform, 'otlp_ingestion_total', 'reason="overloaded"')).toBeGreaterThanOrEqual(4);
    expect(await metric(platform, 'otlp_ingestion_log_bytes')).toBeGreaterThan(LOG_MAX_BYTES - 1024 * 1024);
    expect(await metric(platform, 'otlp_ingestion_segments_waiting')).toBeGreaterThan(0);
    expect(await metric(platform, 'otlp_ingestion_lag_ms')).toBeGreaterThan(0);

    const health = await eventually('the canary’s complaint', async () => {
      const { status, body } = await platform.request<HealthResponse>('GET', '/health/ready');
      return body.dependencies?.['canary']?.status === 'down' ? { code: status, ...body } : undefined;
    });
    expect(health).toMatchObject({ code: 200, status: 'degraded' });
    expect(health.dependencies?.['ingest']?.status).toBe('up');
    expect(await metric(platform, 'otlp_canary_rounds_total', 'failed')).toBeGreaterThan(0);
  });
});
