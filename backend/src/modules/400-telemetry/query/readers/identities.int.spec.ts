import { afterAll, beforeAll, expect, it } from 'vitest';
import { OTHER_TENANT, resourceRow, scopeRow, TENANT } from '../testing/rows.js';
import { startTelemetryEngine, type TelemetryEngine } from '../testing/telemetry-engine.js';
import { IdentityReader } from './identities.js';

let engine: TelemetryEngine;
let reader: IdentityReader;
const row = (resourceId: string, scopeId = '1') => [{ resourceId, scopeId }];

beforeAll(async () => {
  engine = await startTelemetryEngine();
  reader = new IdentityReader(engine.store);
  await engine.insert('resources_v3', [
    resourceRow('7', { 'service.name': 'cart' }),
    resourceRow('7', { 'service.name': 'theirs' }, OTHER_TENANT),
  ]);
  await engine.insert('scopes_v3', [scopeRow('1', 'io.shop', '2.0')]);
});
afterAll(() => engine?.stop());

it('keeps what it read, for each tenant by itself', async () => {
  const first = await reader.of(row('7'), { tenantId: TENANT });
  expect(first.resource('7')).toEqual({ 'service.name': 'cart' });
  expect(first.scope('1')).toMatchObject({ name: 'io.shop', version: '2.0' });
  await engine.exec('TRUNCATE TABLE resources_v3');
  expect((await reader.of(row('7'), { tenantId: TENANT })).resource('7')).toEqual({ 'service.name': 'cart' });
  // Another tenant's was never asked for, and is gone by now.
  expect((await reader.of(row('7'), { tenantId: OTHER_TENANT })).resource('7')).toEqual({});
});

it('asks again for what was not there yet', async () => {
  expect((await reader.of(row('8', '9'), { tenantId: TENANT })).resource('8')).toEqual({});
  await engine.insert('resources_v3', [resourceRow('8', { 'service.name': 'late' })]);
  const now = await reader.of(row('8', '9'), { tenantId: TENANT });
  expect(now.resource('8')).toEqual({ 'service.name': 'late' });
  expect(now.scope('9')).toEqual({ name: '', version: '', attributes: {}, schemaUrl: '' });
});
