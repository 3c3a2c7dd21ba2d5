import { parseTfql, QueryPart } from '@telemetryflow/contracts';
import type { MetricPlanner } from '../compiler/metrics/planner.js';
import type { GroupsAnswer, PartRequest, Run, Steps } from '../engine/part.js';
import { TENANT } from './rows.js';

export type MetricPeriod = Pick<PartRequest, 'range' | 'steps' | 'onlyGroups'>;

/** The groups that the planner answers for `TENANT`. */
export async function askMetric(
  planner: MetricPlanner,
  run: Run,
  part: object,
  period: MetricPeriod,
): Promise<GroupsAnswer> {
  const query = QueryPart.parse({ signal: 'metrics', ...part });
  const planned = await planner.plan(
    {
      tenantId: TENANT,
      part: query,
      filter: parseTfql(query.filter),
      wheres: query.aggregations.map(({ where }) => parseTfql(where)),
      ...period,
    },
    run,
  );
  const answer = await planned.answer(run);
  if (answer.kind !== 'groups') throw new Error('expected groups');
  return answer;
}

export const between = (fromMs: number, toMs: number) => ({
  fromNs: BigInt(fromMs) * 1_000_000n,
  toNs: BigInt(toMs) * 1_000_000n,
});

/** Steps of one width that the range touches, shifted against the epoch. */
export function evenSteps(fromMs: number, toMs: number, stepMs: number, offsetMs = 0): Steps {
  const starts: number[] = [];
  for (let start = Math.floor((fromMs - offsetMs) / stepMs) * stepMs + offsetMs; start < toMs; start += stepMs)
    starts.push(start);
  return { stepMs, timeZone: 'UTC', starts };
}
