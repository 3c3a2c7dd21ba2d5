import type { QuerySignal } from '@telemetryflow/contracts';
import { ValidationError } from '../../../../shared/platform/index.js';
import type { PartPlanner } from './part.js';

/** Who plans the parts of which signal. */
export type Planners = Readonly<Partial<Record<QuerySignal, PartPlanner>>>;
export const PLANNERS = Symbol('planners');

/** The planners of this platform. */
export const planners: Planners = {};

/** @throws ValidationError naming `signal` */
export function plannerOf(known: Planners, signal: QuerySignal): PartPlanner {
  const planner = known[signal];
  if (planner !== undefined) return planner;
  throw new ValidationError([{ path: 'signal', code: 'invalid_value', message: `${signal} cannot be asked for here` }]);
}
