import { LogsQuery, LogsResponse } from '@telemetryflow/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TENANT } from '../testing/rows.js';
import { startTelemetryEngine, type TelemetryEngine } from '../testing/telemetry-engine.js';
import { insertTracesAndLogs, NOW_MS, NOW_NS, SECOND, T1, T2 } from '../testing/traces-scene.js';
import { IdentityReader } from './identities.js';
import { LogReader } from './log-reader.js';

const scope = { tenantId: TENANT };
let engine: TelemetryEngine;
let logs: LogReader;

beforeAll(async () => {
  engine = await startTelemetryEngine();
  logs = new LogReader(engine.store, new IdentityReader(engine.store));
  await insertTracesAndLogs(engine);
});
afterAll(() => engine?.stop());

const listLogs = (query: object) => logs.list(LogsQuery.parse({ from: 'now-2h', ...query }), scope, NOW_MS);
const logIds = async (filter: string) => (await listLogs({ filter })).data.map((l) => l.id);

describe('logs', () => {
  it('lists newest first with equal times by id, in pages', async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: LogsResponse = LogsResponse.parse(
        await listLogs({ limit: 2, ...(cursor === null ? {} : { cursor }) }),
      );
      seen.push(...page.data.map((l) => l.id));
      cursor = page.meta.nextCursor;
    } while (cursor !== null && seen.length < 20);
    expect(seen).toEqual(['18446744073709551615', '2', '1', '4', '3']);
    expect((await listLogs({ order: 'asc' })).data.map((l) => l.id)).toEqual([...seen].reverse());
  });

  it('carries bodies, identities and correlation', async () => {
    const [first] = (await listLogs({ filter: 'severity:error' })).data;
    expect(first).toMatchObject({
      id: '18446744073709551615',
      body: 'Connection timeout to db-1',
      traceId: T1,
      spanId: '0101010101010101',
      attributes: { attempt: 3 },
      resourceAttributes: { 'host.name': 'web-1' },
      scope: { name: 'io.http' },
      timeUnixNano: (NOW_NS - 60n * SECOND).toString(),
      observedTimeUnixNano: (NOW_NS - 60n * SECOND + 1n).toString(),
    });
    const byId = new Map((await listLogs({})).data.map((l) => [l.id, l]));
    expect(byId.get('3')?.body).toEqual({ msg: 'hello', n: '12345678901234567890' });
    expect(byId.get('4')?.body).toBe(5);
    expect(byId.get('2')).toMatchObject({ traceId: '', spanId: '' });
  });

  it.each([
    ['timeout', ['18446744073709551615']],
    ['TIMEOUT*', ['18446744073709551615', '2']],
    ['"timeout to DB-1"', ['18446744073709551615']],
    ['body:connection', ['18446744073709551615']],
    ['KÄSE', ['1']],
    ['severity:>=warn', ['18446744073709551615', '2', '3']],
    ['severity:warning', ['2', '3']],
    ['severity:<info', ['1']],
    ['-severity:>=info', ['1']],
    ['attempt:>2', ['18446744073709551615']],
    [`trace_id:${T1}`, ['18446744073709551615', '4']],
    ['event.name:order.*', ['4']],
    ['body~"^t.*e$"', ['2']],
    ['exists(attempt)', ['18446744073709551615']],
  ])('finds %s', async (filter, ids) => {
    expect(await logIds(filter)).toEqual(ids);
  });

  it('lists those of a trace, oldest first', async () => {
    const answer = await logs.ofTrace(T1, { limit: 1 }, scope);
    expect(answer.data.map((l) => l.id)).toEqual(['4']);
    const next = await logs.ofTrace(T1, { limit: 5, cursor: answer.meta.nextCursor ?? '' }, scope);
    expect(next.data.map((l) => l.id)).toEqual(['18446744073709551615']);
    expect((await logs.ofTrace(T2, { limit: 5 }, scope)).data).toEqual([]);
  });

  it('counts by severity with empty buckets present', async () => {
    const query = { from: 'now-2m', to: 'now', filter: '', buckets: 4 };
    const answer = await logs.histogram(query, scope, NOW_MS);
    expect(answer.stepMs).toBe(30_000);
    expect(answer.total).toBe(4);
    expect(answer.buckets.map((b) => b.counts)).toEqual([{}, { info: 1 }, { debug: 1, warn: 1, error: 1 }, {}]);
  });

  it('counts a record without a severity number by its text', async () => {
    const query = { from: 'now-2h', to: 'now', filter: 'severity:warning', buckets: 1 };
    const { buckets } = await logs.histogram(query, scope, NOW_MS);
    expect(buckets.map((b) => b.counts.warn ?? 0).reduce((sum, count) => sum + count)).toBe(2);
  });
});
