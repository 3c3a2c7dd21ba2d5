import type { GroupsResult, QueryResponse, TelemetryQueryInput } from '@telemetryflow/contracts';
import { api } from './api.js';

/** A part as callers write it: what has a default may be left out. */
export type QueryPartInput = TelemetryQueryInput['queries'][number];

/** Asks the one query model; see `TelemetryQuery` in the contracts. */
export function askTelemetry(query: TelemetryQueryInput, signal: AbortSignal): Promise<QueryResponse> {
  return api.post<QueryResponse>('/telemetry/query', query, { signal });
}

/** Labels of parts by position: A to H. */
export const PART_LABELS = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H'] as const;

/** The groups that answer a part, or undefined when the answer holds none of that label. */
export function groupsOf(response: QueryResponse | undefined, label: string): GroupsResult | undefined {
  return response?.results.find((result): result is GroupsResult => result.label === label && result.kind === 'groups');
}
