import { LogContextQuery, LogContextResponse, LogExportQuery, LogPatternsQuery } from '@telemetryflow/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LogPatternReader, MAX_SAMPLED } from '../patterns/log-pattern-reader.js';
import { at, logRow, OTHER_TENANT, TENANT } from '../testing/rows.js';
import { startTelemetryEngine, type TelemetryEngine } from '../testing/telemetry-engine.js';
import { NOW_MS, NOW_NS, SECOND } from '../testing/traces-scene.js';
import { IdentityReader } from './identities.js';
import { LogContextReader } from './log-context-reader.js';
import { LogExporter } from './log-exporter.js';
import { LogReader } from './log-reader.js';

const scope = { tenantId: TENANT };
const HOUR = { from: 'now-1h', to: 'now' };
let engine: TelemetryEngine;
let logs: LogReader;
let contexts: LogContextReader;
let patterns: LogPatternReader;
let exporter: LogExporter;

/** Two processes of one service and another service, all in the same ten minutes, two records in the same nanosecond. */
beforeAll(async () => {
  engine = await startTelemetryEngine();
  logs = new LogReader(engine.store, new IdentityReader(engine.store));
  contexts = new LogContextReader(logs);
  patterns = new LogPatternReader(engine.store);
  exporter = new LogExporter(logs);
  const row = (id: number, secondsAgo: number, over: object = {}) =>
    logRow({
      id: String(id),
      timeNs: NOW_NS - BigInt(secondsAgo) * SECOND,
      body: `line ${id}`,
      resourceId: '11',
      ...over,
    });
  await engine.insert('logs_v3', [
    ...Array.from({ length: 9 }, (_, i) => row(i + 1, 600 - i * 10)),
    row(20, 565, { resourceId: '12' }),
    row(21, 563, { service: 'other', resourceId: '13' }),
    row(22, 560),
    row(23, 561, { tenant: OTHER_TENANT }),
  ]);
});
afterAll(() => engine?.stop());

const around = async (id: string, secondsAgo: number, query: object = {}) => {
  const time = (NOW_NS - BigInt(secondsAgo) * SECOND).toString();
  const answer = LogContextResponse.parse(await contexts.around(id, LogContextQuery.parse({ time, ...query }), scope));
  return { ids: answer.data.map((record) => record.id), ...answer };
};

describe('the context of a record', () => {
  it('is what its own process logged before and after, oldest first', async () => {
    const answer = await around('5', 560, { before: 2, after: 2 });
    expect(answer.ids).toEqual(['3', '4', '5', '22', '6']);
    expect(answer).toMatchObject({ position: 2, hasBefore: true, hasAfter: true });
  });

  it('tells records of one instant apart', async () => {
    expect((await around('22', 560, { before: 1, after: 1 })).ids).toEqual(['5', '22', '6']);
  });

  it('widens to the service, and to everything of the tenant, never beyond', async () => {
    expect((await around('5', 560, { before: 2, after: 0, within: 'service' })).ids).toEqual(['4', '20', '5']);
    expect((await around('5', 560, { before: 2, after: 0, within: 'tenant' })).ids).toEqual(['20', '21', '5']);
  });

  it('ends where the records end', async () => {
    const answer = await around('1', 600, { before: 5, after: 500 });
    expect(answer.ids).toHaveLength(10);
    expect(answer).toMatchObject({ position: 0, hasBefore: false, hasAfter: false });
  });

  it.each([
    ['an unknown id', '999', 560],
    ['another time', '5', 559],
    ["another tenant's", '23', 561],
  ])('is not found for %s', async (_, id, secondsAgo) => {
    await expect(around(id, secondsAgo)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it.each(['x', '1 OR 1', '18446744073709551616'])('refuses the id %s', async (id) => {
    await expect(around(id, 560)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });
});

describe('the export', () => {
  const text = async (query: object) => {
    let all = '';
    for await (const piece of await exporter.open(LogExportQuery.parse({ ...HOUR, ...query }), scope, NOW_MS))
      all += piece;
    return all;
  };

  it('is CSV, newest first, with the columns that are asked for', async () => {
    const lines = (await text({ filter: 'service:other OR body:"line 9"', columns: 'scope.name, missing' })).split(
      '\r\n',
    );
    expect(lines).toEqual([
      '"time","severity","service.name","body","scope.name","missing"',
      `"${new Date(NOW_MS - 520_000).toISOString().replace('Z', '000000Z')}","info","shop","line 9","",""`,
      `"${new Date(NOW_MS - 563_000).toISOString().replace('Z', '000000Z')}","info","other","line 21","",""`,
      '',
    ]);
  });

  it('is JSON of whole records, and no more than the limit', async () => {
    const records = JSON.parse(await text({ format: 'json', limit: 3 })) as { id: string }[];
    expect(records.map(({ id }) => id)).toEqual(['9', '8', '7']);
    expect(JSON.parse(await text({ format: 'json', filter: 'nothing' }))).toEqual([]);
  });

  it('makes no spreadsheet run what a record says', async () => {
    await engine.insert('logs_v3', [
      logRow({ id: '50', timeNs: NOW_NS - 5n * SECOND, service: 'evil', body: '=HYPERLINK("http://x")' }),
      logRow({ id: '51', timeNs: NOW_NS - 5n * SECOND, service: 'evil', body: 'a;=1+1' }),
    ]);
    const csv = await text({ filter: 'service:evil' });
    expect(csv).toContain(`"'=HYPERLINK(""http://x"")"`);
    expect(csv).toContain(`"a;'=1+1"`);
  });

  it('answers what is wrong before the first byte', async () => {
    await expect(text({ filter: 'a:(' })).rejects.toMatchObject({ code: 'QUERY_SYNTAX' });
    await expect(text({ from: 'now', to: 'now-1h' })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });
});

describe('patterns', () => {
  it('are exact while everything can be read, and their filter finds their records', async () => {
    const answer = await patterns.read(LogPatternsQuery.parse({ ...HOUR, filter: '-service:evil' }), scope, NOW_MS);
    expect(answer).toMatchObject({ total: 12, sampled: 12, isEstimate: false, patternCount: 1 });
    const [pattern] = answer.data;
    expect(pattern).toMatchObject({ template: 'line <*>', count: 12 });
    expect(pattern?.trend.reduce((sum, n) => sum + n, 0)).toBe(12);
    const found = await logs.list({ ...HOUR, filter: pattern?.filter ?? '', limit: 100, order: 'desc' }, scope, NOW_MS);
    expect(found.data).toHaveLength(12);
  });

  it('are of records that match anywhere, not only in what is read of them', async () => {
    const body = `beginning ${'andsoon'.repeat(400)} needle`;
    await engine.insert('logs_v3', [logRow({ id: '60', timeNs: NOW_NS - 50n * SECOND, service: 'long', body })]);
    const answer = await patterns.read(
      LogPatternsQuery.parse({ ...HOUR, filter: 'service:long needle' }),
      scope,
      NOW_MS,
    );
    expect(answer).toMatchObject({ total: 1, sampled: 1 });
    expect(
      (await logs.list({ ...HOUR, filter: answer.data[0]?.filter ?? '', limit: 9, order: 'desc' }, scope, NOW_MS)).data,
    ).toMatchObject([{ id: '60' }]);
  });

  it('are estimates of a bounded sample beyond, the same ones every time', async () => {
    const many = MAX_SAMPLED * 3;
    await engine.exec(`INSERT INTO logs_v3 (tenant_id, id, timestamp, observed_timestamp, severity_number, service_name, body, body_type)
      SELECT toUUID('${TENANT}'), 1000 + number, toDateTime64('${at(NOW_NS - 1800n * SECOND)}', 9) + number / 100, now64(9), if(number % 4 = 0, 17, 9), 'bulk',
        if(number % 4 = 0, concat('failed after ', toString(number), ' ms'), concat('served ', toString(number), ' in time')), 's'
      FROM numbers(${many})`);
    const query = LogPatternsQuery.parse({ ...HOUR, filter: 'service:bulk' });
    const answer = await patterns.read(query, scope, NOW_MS);
    expect(answer).toMatchObject({ total: many, isEstimate: true, patternCount: 2 });
    expect(answer.sampled).toBeLessThan(MAX_SAMPLED * 1.1);
    const [served, failed] = answer.data;
    expect(served?.template).toBe('served <*> in time');
    expect(failed?.severities).toEqual({ error: failed?.count });
    expect(Math.abs((failed?.count ?? 0) / (many / 4) - 1)).toBeLessThan(0.1);
    expect(await patterns.read(query, scope, NOW_MS)).toEqual(answer);
  });
});
