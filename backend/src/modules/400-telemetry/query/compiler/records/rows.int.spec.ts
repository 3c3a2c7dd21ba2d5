import { formatTfql } from '@telemetryflow/contracts';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PartRequest, RowsAnswer } from '../../engine/part.js';
import { decodeValue } from '../../readers/attributes.js';
import { evaluate, isSpan, type EvaluatedRecord } from '../../testing/filter-evaluator.js';
import { range, requestOf } from '../../testing/record-questions.js';
import { HOUR_MS, HOURS, START_MS, startRecordScene, type RecordScene } from '../../testing/record-scene.js';
import { encode, type Typed } from '../../testing/rows.js';
import { RecordPlanner } from './record-planner.js';

let scene: RecordScene;
beforeAll(async () => {
  scene = await startRecordScene();
});
afterAll(() => scene?.engine.stop());

const ALL = { fromMs: START_MS, toMs: START_MS + HOURS * HOUR_MS };

async function rowsOf(request: PartRequest): Promise<RowsAnswer> {
  const answer = await (await new RecordPlanner().plan(request, scene.run)).answer(scene.run);
  if (answer.kind !== 'rows') throw new Error('expected rows');
  return answer;
}

const decoded = (value: Typed | undefined) => (value === undefined ? null : decodeValue(...encode(value)));
const instantOf = (row: EvaluatedRecord) => (isSpan(row) ? row.startNs : row.timeNs);
/** ISO 8601 with nanoseconds. */
const iso = (ns: bigint) =>
  `${new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 19)}.${String(ns % 1_000_000_000n).padStart(9, '0')}Z`;

it('answers the newest matching records, with typed attributes of their own and of their resources', async () => {
  const input = fc.record({
    signal: fc.constantFrom('spans', 'logs'),
    filter: fc.constantFrom('', 'k:5', 'service.name:shop', 'NOT host:*', 'http.route:*'),
    limit: fc.constantFrom(1, 7, 1000),
  });
  const fields = ['timestamp', 'service.name', 'k', 'attributes.host', 'resource.host', 'host', 'http.route'];
  await fc.assert(
    fc.asyncProperty(input, range, async (asked, between) => {
      const request = requestOf({ ...asked, fields }, between, 'none');
      const { fromNs, toNs } = request.range;
      const all: readonly EvaluatedRecord[] = asked.signal === 'logs' ? scene.logs : scene.spans;
      const expected = all
        .filter((row) => instantOf(row) >= fromNs && instantOf(row) < toNs && evaluate(request.filter, row))
        .sort((a, b) => Number(instantOf(b) - instantOf(a)));
      const answer = await rowsOf(request);
      const question = `${formatTfql(request.filter)} ${JSON.stringify(asked)}`;
      expect(answer.columns.map((c) => c.name)).toEqual(fields);
      expect(answer.truncated, question).toBe(expected.length > asked.limit);
      expect(answer.rows, question).toEqual(
        expected.slice(0, asked.limit).map((row) => {
          const { attributes = {}, resource } = row;
          const anywhere = (key: string) => decoded(key in attributes ? attributes[key] : resource[key]);
          return [
            iso(instantOf(row)),
            row.service,
            anywhere('k'),
            decoded(attributes.host),
            decoded(resource.host),
            anywhere('host'),
            anywhere('http.route'),
          ];
        }),
      );
    }),
    { numRuns: 30 },
  );
});

it('has columns of each signal, times and 64-bit integers as text', async () => {
  const span = scene.spans.at(-1);
  const spans = await rowsOf(requestOf({ signal: 'spans', limit: 1 }, ALL, 'none'));
  expect(spans.columns.map(({ name, unit }) => (unit === '' ? name : `${name} ${unit}`))).toEqual([
    'timestamp',
    'service.name',
    'name',
    'kind',
    'status',
    'duration ns',
    'trace_id',
    'span_id',
  ]);
  expect(spans.rows[0]?.slice(5)).toEqual([String(span?.durationNs), span?.trace, span?.span]);
  const logs = await rowsOf(requestOf({ signal: 'logs', limit: 1 }, ALL, 'none'));
  expect(logs.rows[0]?.slice(2, 4)).toEqual([scene.logs.at(-1)?.service, scene.logs.at(-1)?.body]);
});

it('answers whole traces, newest first, and says what they lack', async () => {
  const fields = ['trace_id', 'span_count', 'http.route'];
  const { rows, notes } = await rowsOf(requestOf({ signal: 'traces', fields, limit: 1000 }, ALL, 'none'));
  const starts = Map.groupBy(scene.spans, (s) => s.trace);
  const expected = [...starts].sort(([, [a]], [, [b]]) => Number((b?.startNs ?? 0n) - (a?.startNs ?? 0n)));
  expect(rows).toEqual(expected.map(([trace, spans]) => [trace, String(spans.length), null]));
  expect(notes?.map(({ code, message }) => [code, message])).toEqual([
    ['unknown_field', 'Whole traces have no http.route; ask for spans, or filter by it'],
  ]);
});
