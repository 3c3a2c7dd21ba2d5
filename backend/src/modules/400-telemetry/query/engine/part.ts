import type { GroupValues, QueryColumn, QueryNote, QueryPart, TfqlExpression } from '@telemetryflow/contracts';
import type { Statement } from '../compiler/parameters.js';
import type { TimeRange } from '../range.js';

/** The steps of a query. `starts` (Unix ms, ascending) holds every step that the range touches, the first one's start included. */
export interface Steps {
  readonly stepMs: number;
  readonly timeZone: string;
  /** Evenly `stepMs` apart, aligned to the epoch, except for days and longer, which begin at the zone's midnight. */
  readonly starts: readonly number[];
}

/** One part of a TelemetryQuery with everything resolved that planning needs. */
export interface PartRequest {
  readonly tenantId: string;
  readonly part: QueryPart;
  /** `part.filter`, parsed. */
  readonly filter: TfqlExpression;
  /** `where` of each aggregation, parsed, by position. */
  readonly wheres: readonly TfqlExpression[];
  readonly range: TimeRange;
  /** Null: one value per group over the whole range. */
  readonly steps: Steps | null;
  /** Only these groups (labels in the order of `groupBy`), whatever their rank: a compared period, a cached one. */
  readonly onlyGroups?: readonly (readonly string[])[];
}

export interface AnsweredGroup extends GroupValues {
  readonly labels: readonly string[];
}
export interface GroupsAnswer {
  readonly kind: 'groups';
  readonly columns: readonly QueryColumn[];
  /** In the part's order, at most its limit. */
  readonly groups: readonly AnsweredGroup[];
  readonly totalGroups: number;
  readonly notes?: readonly QueryNote[];
}
export interface RowsAnswer {
  readonly kind: 'rows';
  readonly columns: readonly QueryColumn[];
  readonly rows: readonly (readonly unknown[])[];
  readonly truncated: boolean;
  readonly notes?: readonly QueryNote[];
}
export type PartAnswer = GroupsAnswer | RowsAnswer;

/** Runs a statement within the query's limits, for its tenant; 64-bit integers are text. */
export type Run = <T>(statement: Statement) => Promise<T[]>;

export interface PlannedPart {
  /** The table that is read: the raw one, or the rollup that can answer. */
  readonly table: string;
  /** What `answer` will run, in order, for people to read. */
  readonly statements: readonly Statement[];
  answer(run: Run): Promise<PartAnswer>;
}

/**
 * Plans the parts of some signals. Planning may look things up (a metric's type), and is pure otherwise.
 *
 * @throws TfqlSyntaxError in a filter, ValidationError for an aggregation the signal does not have
 */
export interface PartPlanner {
  plan(request: PartRequest, run: Run): Promise<PlannedPart>;
  /**
   * How far apart the part's samples come: an automatic step is no finer. Undefined when that is unknown. Asked before
   * there are steps, and never of records.
   */
  sampleIntervalMs?(request: Omit<PartRequest, 'steps'>, run: Run): Promise<number | undefined>;
}
