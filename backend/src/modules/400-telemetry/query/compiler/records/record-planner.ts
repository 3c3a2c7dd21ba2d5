import { resolveTfqlField } from '@telemetryflow/contracts';
import { ValidationError } from '../../../../../shared/platform/index.js';
import type { GroupsAnswer, PartPlanner, PartRequest, PlannedPart, Run } from '../../engine/part.js';
import { hasAttribute } from '../attribute-match.js';
import { Parameters } from '../parameters.js';
import { instant } from '../time.js';
import { isPercentile } from './aggregates.js';
import { emptyGroup, type GroupRow } from './group-rows.js';
import { planGroups, type GroupsPlan } from './groups.js';
import { TableSource } from './source.js';

/** Of more records percentiles are estimated: eight bytes of each value would be too much memory. */
const MAX_EXACT_RECORDS = 20_000_000;

/** Plans parts that are about spans, log records and traces. */
export class RecordPlanner implements PartPlanner {
  /** @throws TfqlSyntaxError, ValidationError */
  async plan(request: PartRequest, run: Run): Promise<PlannedPart> {
    const { signal } = request.part;
    if (signal !== 'spans' && signal !== 'logs') {
      throw new ValidationError([{ path: 'signal', code: 'invalid_value', message: `${signal} cannot be asked yet` }]);
    }
    const [inherited, exact] = await Promise.all([inheritedKeys(request, signal, run), isExact(request, run)]);
    const plan = planGroups(request, (params) => new TableSource(request, signal, inherited, params), exact);
    return {
      table: signal === 'spans' ? 'spans_v3' : 'logs_v3',
      statements: [plan.statement],
      answer: (ask) => answerGroups(request, plan, ask),
    };
  }
}

async function answerGroups(request: PartRequest, plan: GroupsPlan, run: Run): Promise<GroupsAnswer> {
  const rows = await run<GroupRow>(plan.statement);
  const groups = rows.map((row) => plan.read(row));
  if (groups.length === 0 && request.part.groupBy.length === 0) groups.push(emptyGroup(request, plan.aggregates));
  return {
    kind: 'groups',
    columns: plan.aggregates.aggregations.map((a) => a.column),
    groups,
    totalGroups: Math.max(Number(rows[0]?.totalGroups ?? 0), groups.length),
  };
}

/**
 * The keys among the named fields that resources carry: only for them it is worth looking a row's resource up. One
 * small table is asked, and only when a name could mean a resource's attribute.
 */
async function inheritedKeys({ tenantId, part }: PartRequest, signal: 'spans' | 'logs', run: Run): Promise<string[]> {
  const names = [...part.groupBy, ...part.aggregations.map((a) => a.field)].filter((name) => name !== '');
  const targets = names.map((name) => resolveTfqlField(name, signal));
  const keys = [...new Set(targets.flatMap((t) => (t.kind === 'any' || t.kind === 'resource' ? [t.key] : [])))];
  if (keys.length === 0) return [];
  const params = new Parameters(tenantId);
  const carried = keys.map((key) => `max(${hasAttribute(params.shared(key))})`);
  const statement = params.statement(`SELECT [${carried.join(', ')}] AS carried
FROM resources_v3
WHERE ${params.tenantFilter}`);
  const [row] = await run<{ carried: number[] }>(statement);
  return keys.filter((_, i) => row?.carried[i] === 1);
}

/** Whether so few records can be in the range that the values of percentiles may all be kept. */
async function isExact({ tenantId, part, range }: PartRequest, run: Run): Promise<boolean> {
  if (!part.aggregations.some(isPercentile)) return true;
  const params = new Parameters(tenantId);
  const [from, to] = [instant(range.fromNs, params), instant(range.toNs, params)];
  const [row] = await run<{ records: string }>(
    params.statement(`SELECT sum(records) AS records
FROM services_v3
WHERE ${params.tenantFilter} AND signal = '${part.signal === 'logs' ? 'logs' : 'spans'}'
  AND hour >= toStartOfHour(${from}) AND hour < ${to}`),
  );
  return Number(row?.records ?? 0) <= MAX_EXACT_RECORDS;
}
