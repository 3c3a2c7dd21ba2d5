import { expect, it } from 'vitest';
import type { Statement } from '../parameters.js';
import { compileCallsKnown, compilePeerCalls, compileServiceCalls } from './service-calls.js';
import { compileServiceErrors, compileServiceVersions } from './service-errors.js';
import { compileInfrastructureMetrics, compileServicePlaces } from './service-infrastructure.js';

/* The SQL of what the services' screens ask, committed for review: `vitest -u` writes it anew. */
const tenantId = '019a0000-0000-7000-8000-000000000001';
const range = { fromNs: 1_773_100_800_000_000_000n, toNs: 1_773_104_400_000_000_000n };
const day = { ...range, fromNs: range.fromNs - 86_400_000_000_000n };
const calls = { tenantId, range, oneIn: 1, limit: 2001 };

const QUESTIONS: Record<string, Statement> = {
  'spans of the range, and keys that name peers': compileCallsKnown(tenantId, range),
  'calls between services': compileServiceCalls(calls),
  'calls between services, of a sample': compileServiceCalls({ ...calls, oneIn: 5 }),
  'calls to what is no service': compilePeerCalls(
    calls,
    new Set(['db.system.name', 'db.namespace', 'server.address', 'messaging.system', 'messaging.destination.name']),
  ),
  'calls to what is no service, of hosts alone': compilePeerCalls(calls, new Set(['server.address', 'url.full'])),
  'errors of a service': compileServiceErrors(tenantId, 'checkout', range, 120_000, 101),
  'versions of a service': compileServiceVersions(tenantId, 'checkout', range, day),
  'places of a service': compileServicePlaces(tenantId, 'checkout', range),
  'metrics of the places': compileInfrastructureMetrics(tenantId, 'checkout', range, [[], ['pod-1'], [], ['web-1']]),
};

it('compiles the fixed questions to the reviewed SQL', async () => {
  const text = Object.entries(QUESTIONS).map(
    ([name, { sql, params }]) => `-- ${name}\n${sql};\n-- ${JSON.stringify(params)}\n`,
  );
  await expect(text.join('\n')).toMatchFileSnapshot('statements.sql');
});

it.each(Object.entries(QUESTIONS))('%s: names the tenant in every table it reads', (_, { sql }) => {
  const tables = sql.match(/(?:FROM|JOIN) [a-z_]+_v3/g) ?? [];
  expect(tables.length).toBeGreaterThan(0);
  expect(sql.split('tenant_id = {tenant:UUID}').length - 1).toBeGreaterThanOrEqual(tables.length);
  expect(sql).not.toMatch(/checkout|web-1|pod-1/);
});
