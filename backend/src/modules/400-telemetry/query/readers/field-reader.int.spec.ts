import { FieldsQuery, FieldValuesQuery } from '@telemetryflow/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OTHER_TENANT, TENANT } from '../testing/rows.js';
import { startTelemetryEngine, type TelemetryEngine } from '../testing/telemetry-engine.js';
import { insertTracesAndLogs, NOW_MS } from '../testing/traces-scene.js';
import { FieldReader } from './field-reader.js';

let engine: TelemetryEngine;
let fields: FieldReader;

beforeAll(async () => {
  engine = await startTelemetryEngine();
  fields = new FieldReader(engine.store);
  await insertTracesAndLogs(engine);
});
afterAll(() => engine?.stop());

const range = { from: 'now-2h', to: 'now' };
async function keys(query: object): Promise<string[]> {
  const { data } = await fields.list(FieldsQuery.parse({ ...range, ...query }), { tenantId: TENANT }, NOW_MS);
  return data.filter(({ source }) => source === 'attribute').map(({ name }) => name);
}
async function values(query: object, tenantId = TENANT): Promise<string[]> {
  const { data } = await fields.values(FieldValuesQuery.parse({ ...range, ...query }), { tenantId }, NOW_MS);
  return [...data];
}

describe('completion within a filter', () => {
  it('offers the keys of the records that match, with their types', async () => {
    expect(await keys({ signal: 'spans', filter: 'service:db' })).toEqual(['http.status']);
    expect(await keys({ signal: 'spans', filter: 'name:early' })).toEqual(['a']);
    expect(await keys({ signal: 'spans', filter: 'service:cart', search: 'rou' })).toEqual(['http.route']);
    expect(await keys({ signal: 'logs', filter: 'timeout' })).toEqual(['attempt']);
    expect(await keys({ signal: 'logs', filter: 'severity:debug' })).toEqual([]);
  });

  it('offers the values that they have, most frequent first', async () => {
    expect(await values({ signal: 'spans', field: 'http.status', filter: 'status:error' })).toEqual(['500']);
    expect(await values({ signal: 'spans', field: 'http.status', filter: 'service:cart' })).toEqual(['200']);
    expect(await values({ signal: 'spans', field: 'name', filter: 'service:cart' })).toEqual(['same', 'GET /cart']);
    expect(await values({ signal: 'spans', field: 'name', filter: 'service:cart', search: 'get' })).toEqual([
      'GET /cart',
    ]);
    expect(await values({ signal: 'logs', field: 'attempt', filter: 'severity:error' })).toEqual(['3']);
    expect(await values({ signal: 'logs', field: 'attempt', filter: 'severity:debug' })).toEqual([]);
  });

  it('looks into resources and scopes', async () => {
    const filter = 'name:"GET /cart"';
    expect(await values({ signal: 'spans', field: 'host.name', filter })).toEqual(['web-1']);
    expect(await values({ signal: 'spans', field: 'resource.host.name', filter })).toEqual(['web-1']);
    expect(await values({ signal: 'spans', field: 'scope.name', filter })).toEqual(['io.http']);
    expect(await values({ signal: 'spans', field: 'host.name', filter: 'name:early' })).toEqual([]);
  });

  it('keeps to the range', async () => {
    expect(await values({ signal: 'spans', field: 'name', from: 'now-1m' })).toEqual(['late']);
    expect(await values({ signal: 'spans', field: 'name', from: 'now-3d', to: 'now-2d' })).toEqual([]);
  });

  it("keeps to the tenant's data, whatever is asked for", async () => {
    expect(await values({ signal: 'spans', field: 'name' }, OTHER_TENANT)).toEqual(['secret']);
    for (const hostile of ["'; SELECT 1 --", '" OR 1=1', "a') OR tenant_id != (''", '%']) {
      const asked = { signal: 'spans', field: hostile, search: hostile, filter: `name:${JSON.stringify(hostile)}` };
      expect(await values(asked)).toEqual([]);
      expect(await keys({ ...asked })).toEqual([]);
    }
  });
});

describe('completion without a filter', () => {
  it('knows services of the range, and what enumerations can be', async () => {
    expect(await values({ signal: 'spans', field: 'service' })).toContain('cart');
    expect(await values({ signal: 'spans', field: 'service.name', search: 'D' })).toEqual(['db']);
    expect(await values({ signal: 'spans', field: 'status' })).toEqual(['unset', 'ok', 'error']);
    expect(await values({ signal: 'spans', field: 'kind', search: 'er' })).toEqual([
      'internal',
      'server',
      'producer',
      'consumer',
    ]);
    expect(await values({ signal: 'logs', field: 'level', search: 'WAR' })).toEqual(['warn']);
  });

  it('says where a filter is wrong', async () => {
    await expect(values({ signal: 'spans', field: 'name', filter: 'a:' })).rejects.toMatchObject({
      code: 'QUERY_SYNTAX',
    });
  });
});
