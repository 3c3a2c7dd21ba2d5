import type { QueryPart, QuerySignal } from '@telemetryflow/contracts';
import { MetricPlanner } from '../compiler/metrics/planner.js';
import { RecordPlanner } from '../compiler/records/record-planner.js';
import type { PartPlanner } from './part.js';
import { refused } from './problems.js';

/** Who plans the parts of which signal. */
export type Planners = Readonly<Partial<Record<QuerySignal, PartPlanner>>>;
export const PLANNERS = Symbol('planners');

const records = new RecordPlanner();

/** The planners of this platform. */
export const planners: Planners = { spans: records, logs: records, traces: records, metrics: new MetricPlanner() };

/** @throws ValidationError naming the part's `signal` */
export function plannerOf(
  known: Planners,
  { part, index }: { readonly part: QueryPart; readonly index: number },
): PartPlanner {
  const planner = known[part.signal];
  if (planner !== undefined) return planner;
  throw refused(`queries.${index}.signal`, `${part.signal} cannot be asked for`);
}
