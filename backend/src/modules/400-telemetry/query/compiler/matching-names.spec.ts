import { parseTfql, type TfqlSignal } from '@telemetryflow/contracts';
import { expect, it } from 'vitest';
import { compileMatchingKeys, compileMatchingValues, compileServiceNames } from './matching-names.js';
import type { Statement } from './parameters.js';

const tenantId = '019a0000-0000-7000-8000-000000000001';
const range = { fromNs: 1_773_100_800_000_000_000n, toNs: 1_773_104_400_000_000_000n };
const matching = <S extends TfqlSignal>(signal: S, filter: string) => ({
  tenantId,
  signal,
  range,
  filter: parseTfql(filter),
});
const about = (name: string, statements: readonly Statement[]) =>
  statements.map((statement, i): [string, Statement] => [`${name}${i === 0 ? '' : ', of its resource'}`, statement]);

/** Committed for review: `vitest -u` writes it anew. */
const QUESTIONS: [string, Statement][] = [
  ['keys of spans', compileMatchingKeys(matching('spans', 'service:checkout'), 'xyz')],
  ['services', compileServiceNames(matching('logs', ''), 'check')],
  ...about('names of spans', compileMatchingValues(matching('spans', 'service:checkout status:error'), 'name', '')),
  ...about('an attribute', compileMatchingValues(matching('logs', 'level:error'), 'http.route', '/a"b')),
  ...about('the route', compileMatchingValues(matching('spans', 'kind:server'), 'attributes.http.route', '')),
  ...about('a scope', compileMatchingValues(matching('spans', 'kind:server'), 'scope.name', '')),
  ...about('a label', compileMatchingValues(matching('metrics', 'metric="a.b"'), 'attributes.http.route', '')),
];

it('compiles the fixed questions to the reviewed SQL', async () => {
  const text = QUESTIONS.map(([name, { sql, params }]) => `-- ${name}\n${sql};\n-- ${JSON.stringify(params)}\n`);
  await expect(text.join('\n')).toMatchFileSnapshot('matching-names.sql');
});

it.each(QUESTIONS)(
  '%s: names the tenant in every table it reads, and holds no literal of the question',
  (_, { sql }) => {
    const reads = sql.match(/FROM \w+_v3\w*/g) ?? [];
    const guards = sql.match(/tenant_id = \{tenant:UUID\}/g) ?? [];
    expect(guards.length).toBeGreaterThanOrEqual(reads.length);
    for (const word of ['checkout', 'xyz', 'a"b', 'a.b', 'http.route']) expect(sql).not.toContain(word);
  },
);

it('completes no ids, durations and bodies', () => {
  for (const field of ['trace_id', 'duration', 'span_id']) {
    expect(compileMatchingValues(matching('spans', ''), field, '')).toEqual([]);
  }
  expect(compileMatchingValues(matching('logs', ''), 'body', '')).toEqual([]);
});
