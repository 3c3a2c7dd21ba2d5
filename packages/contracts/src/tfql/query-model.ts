import type { QueryFormula, QueryPart, TelemetryQueryInput } from '../query.js';

/** What statements say of a query; its range and time zone come from around them. */
export interface TfqlQuery {
  readonly queries: QueryPart[];
  readonly formulas: QueryFormula[];
  readonly step: string;
  readonly compare: string;
}
export type TfqlQueryInput = Pick<TelemetryQueryInput, 'queries' | 'formulas' | 'step' | 'compare'>;

export const QUERY_LABELS = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'] as const;
export const DEFAULT_LIMIT = 20;
export const DURATION = /^\d{1,6}(?:s|m|h|d|w)$/;
