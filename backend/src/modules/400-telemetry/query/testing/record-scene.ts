import fc from 'fast-check';
import type { Run } from '../engine/part.js';
import type { EvaluatedLog, EvaluatedSpan } from './filter-evaluator.js';
import { logRow, OTHER_TENANT, resourceRow, scopeRow, spanRow, TENANT, type TypedAttributes } from './rows.js';
import { startTelemetryEngine, type TelemetryEngine } from './telemetry-engine.js';

const ROWS = 240;
export const HOURS = 4;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
/** Six hours ago, on the hour: everything lies before now and within one or two days. */
export const START_MS = (Math.floor(Date.now() / HOUR_MS) - 6) * HOUR_MS;
export const ns = (ms: number) => BigInt(ms) * 1_000_000n;

const typed = fc.oneof(
  fc.constantFrom('', 'a', 'b', 'Käse', "it's", 'a*b', '5', '2.5', '-3', 'nan', 'inf'),
  fc.constantFrom(5, -3, 0, 1000, 40).map((int) => ({ int })),
  fc.constantFrom(2.5, -0.5, 64).map((double) => ({ double })),
  fc.constant(null),
  fc.boolean(),
);
export const KEYS = ['k', 'http.route', 'host', "we'ird ]key"];
const attributes: fc.Arbitrary<TypedAttributes> = fc.dictionary(fc.constantFrom(...KEYS), typed, { maxKeys: 4 });
export const hexOf = (byte: number, bytes: number) => byte.toString(16).padStart(2, '0').repeat(bytes);
const common = {
  service: fc.constantFrom('shop', 'cart', 'a', ''),
  attributes,
  resourceId: fc.constantFrom('1', '2', '3'),
  scopeId: fc.constantFrom('1', '2'),
  trace: fc.integer({ min: 1, max: 60 }).map((n) => hexOf(n, 16)),
};
const span = fc.record({
  ...common,
  name: fc.constantFrom('GET /a', 'GET /b', 'work'),
  kind: fc.integer({ min: 0, max: 5 }),
  status: fc.constantFrom(0, 0, 1, 2),
  statusMessage: fc.constantFrom('', 'timeout'),
  durationNs: fc.constantFrom(0n, 1n, 700n, 1_000_000n, 2_500_000n, 90_000_000_000n),
  isRoot: fc.boolean(),
});
const log = fc.record({
  ...common,
  body: fc.constantFrom('', 'timeout', 'a b', '5'),
  severity: fc.constantFrom(0, 1, 5, 9, 13, 17, 21, 24),
  severityText: fc.constantFrom('', 'warn', 'ERROR', 'odd'),
  eventName: fc.constantFrom('', 'click'),
});

/** Generated spans and log records of one tenant over four hours; another tenant has the same with other resources. */
export interface RecordScene {
  readonly engine: TelemetryEngine;
  readonly spans: readonly EvaluatedSpan[];
  readonly logs: readonly EvaluatedLog[];
  readonly run: Run;
}

export async function startRecordScene(): Promise<RecordScene> {
  const engine = await startTelemetryEngine();
  const resources = new Map(['1', '2', '3'].map((id, i) => [id, sample(attributes, 1, 50 + i)[0] ?? {}]));
  const scopes: Record<string, string> = { '1': 'io.http', '2': 'db' };
  const identity = (row: { resourceId: string; scopeId: string }) => ({
    resource: resources.get(row.resourceId) ?? {},
    scopeName: scopes[row.scopeId] ?? '',
  });
  // No two at the same instant: "the newest" is one.
  const at = (i: number) => ns(START_MS + Math.floor((i * HOURS * HOUR_MS) / ROWS)) + BigInt(i);
  const spans = sample(span, ROWS, 1).map(({ isRoot, ...s }, i) => ({
    ...s,
    ...identity(s),
    span: Buffer.from(i.toString().padStart(8, '0')).toString('hex'),
    startNs: at(i),
    // Every span its own length: the longest of a trace is one.
    durationNs: s.durationNs + BigInt(i),
    ...(isRoot ? {} : { parent: '01'.repeat(8) }),
  }));
  const logs = sample(log, ROWS, 2).map((l, i) => ({ ...l, ...identity(l), id: String(i), timeNs: at(i) }));
  for (const tenant of [TENANT, OTHER_TENANT]) {
    await engine.insert(
      'resources_v3',
      [...resources].map(([id, values]) =>
        resourceRow(id, tenant === TENANT ? values : { k: 'leak', host: 'leak' }, tenant),
      ),
    );
    // In several inserts, so that parts and summaries are not merged.
    for (let i = 0; i < ROWS; i += 100) {
      await engine.insert(
        'spans_v3',
        spans.slice(i, i + 100).map((s) => spanRow({ ...s, tenant })),
      );
      await engine.insert(
        'logs_v3',
        logs.slice(i, i + 100).map((l) => logRow({ ...l, tenant })),
      );
    }
  }
  await engine.insert('scopes_v3', [scopeRow('1', 'io.http', ''), scopeRow('2', 'db', '')]);
  return { engine, spans, logs, run: (statement) => engine.store.query(statement, { tenantId: TENANT }) };
}

function sample<T>(arbitrary: fc.Arbitrary<T>, numRuns: number, seed: number): T[] {
  return fc.sample(arbitrary, { numRuns, seed });
}
