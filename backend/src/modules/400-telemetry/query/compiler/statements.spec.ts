import { parseTfql } from '@telemetryflow/contracts';
import { expect, it } from 'vitest';
import { compileLogHistogram, compileLogSample, compileLogSearch } from './logs.js';
import type { Statement } from './parameters.js';
import { compileAttributeComparison, compileResourceComparison, compileSideCounts } from './span-comparison.js';
import { compileSpanSearch } from './span-search.js';
import { compileAttributeKeys, compileAttributeValues } from './fields.js';
import { compileTraceSpans } from './spans.js';
import { compileTraceMatches, compileTraceOutline, compileTracePeers } from './trace-view.js';
import { compileTraceSearch, compileTraceSize } from './traces.js';

/*
 * The SQL of a fixed set of questions, committed for review: `vitest -u` writes it anew, the diff shows what a change
 * of the compiler does to it.
 */
const tenantId = '019a0000-0000-7000-8000-000000000001';
const range = { fromNs: 1_773_100_800_000_000_000n, toNs: 1_773_104_400_000_000_000n };
const all = parseTfql('');
const filter = parseTfql(
  'service:checkout http.route:/api/* http.response.status_code>=500 -status:ok "card declined"',
);
const logFilter = parseTfql('severity:>=warn timeout resource.host.name:(web-1 OR web-2)');
const id = 'ab'.repeat(16);
const place = { ns: range.toNs - 1n, id: '7' };

const spanSearch = { tenantId, window: range, filter, limit: 101, withAttributes: true };
const comparison = { tenantId, range, filter, selection: { range, filter: parseTfql('duration>=100ms') } };
const rates = { selection: 1, baseline: 40 };
const sampled = { selection: 1000, baseline: 20_000 };

const SINCE_MS = 1_773_100_800_000;
const QUESTIONS: Record<string, Statement> = {
  'newest traces': compileTraceSearch({ tenantId, window: range, filter: all, limit: 51 }),
  'traces by a filter, next page': compileTraceSearch({
    tenantId,
    window: range,
    filter,
    limit: 51,
    after: { ...place, id },
  }),
  'attribute keys of spans and of resources': compileAttributeKeys(tenantId, ['spans', 'resources'], SINCE_MS, 'http'),
  'attribute keys of series': compileAttributeKeys(tenantId, ['metrics'], SINCE_MS, ''),
  'values of a key in logs and in resources': compileAttributeValues(
    tenantId,
    ['logs', 'resources'],
    'host.name',
    SINCE_MS,
    'web',
  ),
  'size of a trace': compileTraceSize(tenantId, id),
  'spans of a trace': compileTraceSpans(tenantId, id, 50_000),
  'a span of a trace': compileTraceSpans(tenantId, id, 1, 'cd'.repeat(8)),
  'outline of a trace': compileTraceOutline({ tenantId, traceId: id, limit: 50_000 }),
  'peers of a trace': compileTracePeers({ tenantId, traceId: id, limit: 50_000 }),
  'search within a trace': compileTraceMatches({ tenantId, traceId: id, limit: 50_000 }, filter),
  'newest spans': compileSpanSearch({ ...spanSearch, sort: 'newest', filter: all, withAttributes: false }),
  'slowest spans by a filter, next page': compileSpanSearch({
    ...spanSearch,
    sort: 'slowest',
    after: { ns: 1_000_000n, id: id + id.slice(16) },
  }),
  'spans of a selection and others': compileSideCounts(comparison),
  'attributes of a selection and others': compileAttributeComparison(comparison, rates, sampled),
  'resources of a selection and others': compileResourceComparison(comparison, rates, sampled),
  'newest logs': compileLogSearch({ tenantId, window: range, filter: all, order: 'desc', limit: 101 }),
  'logs by a filter, next page': compileLogSearch({
    tenantId,
    window: range,
    filter: logFilter,
    order: 'asc',
    limit: 101,
    after: place,
  }),
  'log volume': compileLogHistogram(tenantId, range, logFilter, 60_000),
  'what a process logged after a record': compileLogSearch({
    tenantId,
    window: range,
    filter: all,
    serviceName: 'checkout',
    resourceId: '11',
    order: 'asc',
    limit: 26,
    after: place,
  }),
  'a sample of logs for patterns': compileLogSample({
    tenantId,
    range,
    filter: logFilter,
    share: 20_000,
    limit: 25_000,
    characters: 1000,
  }),
};

it('compiles the fixed questions to the reviewed SQL', async () => {
  const text = Object.entries(QUESTIONS).map(
    ([name, { sql, params }]) => `-- ${name}\n${sql};\n-- ${JSON.stringify(params)}\n`,
  );
  await expect(text.join('\n')).toMatchFileSnapshot('statements.sql');
});

it.each(Object.entries(QUESTIONS))(
  '%s: names the tenant in every table it reads, and holds no literal of the question',
  (_, { sql }) => {
    const reads = sql.match(/FROM \w+_v3\w*/g) ?? [];
    const guards = sql.match(/tenant_id = \{tenant:UUID\}/g) ?? [];
    expect(guards.length).toBeGreaterThanOrEqual(reads.length);
    for (const word of ['checkout', 'card', 'timeout', 'web-1', 'http.route']) expect(sql).not.toContain(word);
  },
);
