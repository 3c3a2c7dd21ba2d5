import {
  parseTfql,
  type QueryPart,
  type RangeQuery,
  type TelemetryQuery,
  type TfqlExpression,
} from '@telemetryflow/contracts';
import { ValidationError } from '../../../../shared/platform/index.js';
import { parseRange, type TimeRange } from '../range.js';
import { readingText, refused, refusedBelow } from './problems.js';
import { ZoneCalendar } from './time-zone.js';

/** A part whose texts have been read. */
export interface ReadPart {
  /** Its position in the request. */
  readonly index: number;
  readonly part: QueryPart;
  readonly filter: TfqlExpression;
  readonly wheres: readonly TfqlExpression[];
}

/** A request whose texts have been read. */
export interface ReadQuery {
  readonly range: TimeRange;
  readonly calendar: ZoneCalendar;
  readonly parts: readonly ReadPart[];
}

/**
 * @throws ValidationError (range, timeZone, queries), DomainError QUERY_SYNTAX
 */
export function readQuery(query: TelemetryQuery, nowMs: number): ReadQuery {
  const labels = query.queries.map(({ label }) => label);
  const repeated = labels.findIndex((label, index) => labels.indexOf(label) !== index);
  if (repeated !== -1) throw refused(`queries.${repeated}.label`, 'must not be the label of another query');
  return {
    range: readRange(query.range, nowMs),
    calendar: new ZoneCalendar(query.timeZone),
    parts: query.queries.map(readPart),
  };
}

function readRange(range: RangeQuery, nowMs: number): TimeRange {
  try {
    return parseRange(range, nowMs);
  } catch (error) {
    throw error instanceof ValidationError ? refusedBelow('range', error) : error;
  }
}

function readPart(part: QueryPart, index: number): ReadPart {
  const path = `queries.${index}`;
  if (part.signal === 'metrics' && part.metric === '') throw refused(`${path}.metric`, 'is required', 'required');
  if (part.signal !== 'metrics' && part.metric !== '')
    throw refused(`${path}.metric`, 'is for the signal metrics only');
  return {
    index,
    part,
    filter: readingText(`${path}.filter`, () => parseTfql(part.filter)),
    wheres: part.aggregations.map(({ where }, position) =>
      readingText(`${path}.aggregations.${position}.where`, () => parseTfql(where)),
    ),
  };
}
