import { resolveTfqlField, type QueryNote } from '@telemetryflow/contracts';
import { ValidationError } from '../../../../../shared/platform/index.js';
import type { GroupsAnswer, PartPlanner, PartRequest, PlannedPart, Run } from '../../engine/part.js';
import { hasAttribute } from '../attribute-match.js';
import { Parameters } from '../parameters.js';
import { instant } from '../time.js';
import { isPercentile } from './aggregates.js';
import { emptyGroup, type GroupRow } from './group-rows.js';
import { compileHistogram, readDistribution, type HistogramRow } from './histograms.js';
import { planGroups, type GroupsPlan, type SourceOf } from './groups.js';
import { HourlySource, hoursCounted } from './rollup.js';
import { planRows } from './rows.js';
import { TableSource } from './source.js';
import { traceField, TRACE_FIELDS, TraceSource } from './trace-source.js';

/** Of more values percentiles are estimated where a group or step has many: it is faster, and keeps memory bounded. */
const MAX_EXACT_VALUES = 2_000_000;

/** Plans parts that are about spans, log records and traces. */
export class RecordPlanner implements PartPlanner {
  /** @throws TfqlSyntaxError, ValidationError */
  async plan(request: PartRequest, run: Run): Promise<PlannedPart> {
    const { signal, aggregations } = request.part;
    if (signal === 'metrics') {
      throw new ValidationError([{ path: 'signal', code: 'invalid_value', message: 'metrics are no records' }]);
    }
    const { inherited, isExact } = await lookUp(request, run);
    const sourcesOf =
      (asked: PartRequest): SourceOf =>
      (params) =>
        signal === 'traces' ? new TraceSource(asked, params) : new TableSource(asked, signal, inherited, params);
    if (aggregations.length === 0) {
      const plan = planRows(request, signal, sourcesOf);
      const answer = async (ask: Run) => ({ ...(await plan.answer(ask)), notes: traceNotes(request) });
      return { table: tableOf(request, sourcesOf(request)), statements: plan.statements, answer };
    }
    const hours = hoursCounted(request);
    const sourceOf: SourceOf =
      hours === undefined || signal === 'traces'
        ? sourcesOf(request)
        : (params) => new HourlySource(request, signal, hours, params);
    const plan = planGroups(request, sourceOf, isExact);
    return {
      table: tableOf(request, sourceOf),
      statements: [
        ...(isOneHistogram(request) ? [] : [plan.statement]),
        ...histogramsOf(request).map((i) => compileHistogram(request, i, sourceOf)),
      ],
      answer: async (ask) => {
        const answer = await answerGroups(request, plan, ask);
        return withHistograms(request, answer, sourceOf, ask);
      },
    };
  }
}

function tableOf({ tenantId }: PartRequest, sourceOf: SourceOf): string {
  return sourceOf(new Parameters(tenantId)).table;
}

/** Positions of the aggregations that are histograms: each is a statement of its own. */
function histogramsOf({ part }: PartRequest): number[] {
  return part.aggregations.flatMap((a, i) => (a.function === 'histogram' ? [i] : []));
}

/** Nothing but histograms of all records: there are no groups to be found first. */
function isOneHistogram(request: PartRequest): boolean {
  return request.part.groupBy.length === 0 && histogramsOf(request).length === request.part.aggregations.length;
}

async function withHistograms(
  request: PartRequest,
  answer: GroupsAnswer,
  sourceOf: SourceOf,
  run: Run,
): Promise<GroupsAnswer> {
  const positions = histogramsOf(request);
  if (positions.length === 0 || answer.groups.length === 0) return answer;
  const asked = { ...request, onlyGroups: answer.groups.map((group) => group.labels) };
  const found = await Promise.all(
    positions.map(async (i) => {
      const rows = await run<HistogramRow>(compileHistogram(asked, i, sourceOf));
      return new Map(rows.map((row) => [JSON.stringify(row.labels), row.cells]));
    }),
  );
  const steps = request.steps === null ? 1 : request.steps.starts.length;
  const groups = answer.groups.map((group) => ({
    ...group,
    distributions: request.part.aggregations.map((_, i) => {
      const cells = found[positions.indexOf(i)];
      return cells === undefined ? null : readDistribution(cells.get(JSON.stringify(group.labels)) ?? [], steps);
    }),
  }));
  return { ...answer, groups };
}

async function answerGroups(request: PartRequest, plan: GroupsPlan, run: Run): Promise<GroupsAnswer> {
  const rows = isOneHistogram(request) ? [] : await run<GroupRow>(plan.statement);
  const groups = rows.map((row) => plan.read(row));
  if (groups.length === 0 && request.part.groupBy.length === 0) groups.push(emptyGroup(request, plan.aggregates));
  return {
    kind: 'groups',
    columns: plan.aggregates.aggregations.map((a) => a.column),
    groups,
    totalGroups: Math.max(Number(rows[0]?.totalGroups ?? 0), groups.length),
    notes: traceNotes(request),
  };
}

/** Names that spans may have, but no whole trace. */
function traceNotes({ part }: PartRequest): QueryNote[] {
  if (part.signal !== 'traces') return [];
  return [...new Set(namesOf(part))]
    .filter((name) => traceField(name) === undefined)
    .map((name) => ({
      label: part.label,
      code: 'unknown_field',
      message: `Whole traces have no ${name}; ask for spans, or filter by it`,
      suggestions: [...TRACE_FIELDS],
    }));
}

function namesOf({ groupBy, aggregations, fields }: PartRequest['part']): string[] {
  const names = aggregations.length === 0 ? fields : [...groupBy, ...aggregations.map((a) => a.field)];
  return names.filter((name) => name !== '');
}

interface Known {
  /** The keys among the named fields that resources carry: only for them it is worth looking a row's resource up. */
  readonly inherited: readonly string[];
  /** Whether so few records can be in the range that the values of percentiles are all kept. */
  readonly isExact: boolean;
}

/** What planning has to know: small tables are asked, in one statement, and only for what matters to the part. */
async function lookUp(request: PartRequest, run: Run): Promise<Known> {
  const keys = resourceKeys(request);
  const percentiles = new Set(
    request.part.aggregations.filter(isPercentile).map(({ field, where }) => JSON.stringify([field, where])),
  ).size;
  const params = new Parameters(request.tenantId);
  const asked = [
    ...(keys.length === 0 ? [] : [`(${carriedSql(keys, params)}) AS carried`]),
    ...(percentiles === 0 ? [] : [`(${volumeSql(request, params)}) AS records`]),
  ];
  if (asked.length === 0) return { inherited: [], isExact: true };
  const [row] = await run<{ carried?: number[]; records?: string }>(params.statement(`SELECT ${asked.join(', ')}`));
  return {
    inherited: keys.filter((_, i) => row?.carried?.[i] === 1),
    isExact: Number(row?.records ?? 0) * percentiles <= MAX_EXACT_VALUES,
  };
}

/** Keys among the named fields that could mean a resource's attribute. */
function resourceKeys({ part }: PartRequest): string[] {
  const { signal } = part;
  if (signal !== 'spans' && signal !== 'logs') return [];
  const targets = namesOf(part).map((name) => resolveTfqlField(name, signal));
  return [...new Set(targets.flatMap((t) => (t.kind === 'any' || t.kind === 'resource' ? [t.key] : [])))];
}

function carriedSql(keys: readonly string[], params: Parameters): string {
  const carried = keys.map((key) => `max(${hasAttribute(params.shared(key))})`);
  return `SELECT [${carried.join(', ')}] FROM resources_v3 WHERE ${params.tenantFilter}`;
}

function volumeSql({ part, range }: PartRequest, params: Parameters): string {
  const [from, to] = [instant(range.fromNs, params), instant(range.toNs, params)];
  return `SELECT sum(records) FROM services_v3
  WHERE ${params.tenantFilter} AND signal = '${part.signal === 'logs' ? 'logs' : 'spans'}'
    AND hour >= toStartOfHour(${from}) AND hour < ${to}`;
}
