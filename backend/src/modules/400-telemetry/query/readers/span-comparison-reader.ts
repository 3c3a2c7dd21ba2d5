import { Injectable } from '@nestjs/common';
import {
  formatField,
  resolveTfqlField,
  type CompareSpans,
  type CompareSpansResponse,
  type ComparedAttribute,
  type TfqlExpression,
} from '@telemetryflow/contracts';
import { ValidationError } from '../../../../shared/platform/index.js';
import {
  compileAttributeComparison,
  compileResourceComparison,
  compileSideCounts,
  type SamplingRates,
  type SpanComparison,
} from '../compiler/span-comparison.js';
import { parseRange, type TimeRange } from '../range.js';
import { parseFilter, TelemetryStore, withFilterErrors, type ReadScope } from '../store.js';

/** More spans make the answer no truer. */
const SAMPLE = 20_000;

interface Sides {
  readonly selection: number;
  readonly baseline: number;
}
interface ComparedRow {
  readonly source: ComparedAttribute['source'];
  readonly key: string;
  readonly selection: string;
  readonly baseline: string;
  readonly distinctValues: string;
  readonly values: string[];
  readonly selections: string[];
  readonly baselines: string[];
}

/** What tells some spans from the others. */
@Injectable()
export class SpanComparisonReader {
  constructor(private readonly store: TelemetryStore) {}

  /**
   * @param sample how many spans of each side are looked at, about
   * @throws ValidationError (ranges, selection), DomainError QUERY_SYNTAX, QUERY_LIMIT_EXCEEDED, UNAVAILABLE
   */
  async compare(
    request: CompareSpans,
    scope: ReadScope,
    nowMs = Date.now(),
    sample = SAMPLE,
  ): Promise<CompareSpansResponse> {
    const comparison = comparisonOf(request, scope.tenantId, nowMs);
    const counts = await this.counts(comparison, scope);
    const rates = { selection: rateOf(counts.selection, sample), baseline: rateOf(counts.baseline, sample) };
    const isSampled = rates.selection > 1 || rates.baseline > 1;
    const sampled = isSampled ? await this.counts(comparison, scope, rates) : counts;
    const answer = {
      selectionCount: counts.selection,
      baselineCount: counts.baseline,
      selectionSample: sampled.selection,
      baselineSample: sampled.baseline,
    };
    if (sampled.selection === 0 || sampled.baseline === 0) return { ...answer, attributes: [] };
    const rows = await Promise.all(
      [compileAttributeComparison, compileResourceComparison].map((compile) =>
        this.store.query<ComparedRow>(compile(comparison, rates, sampled), scope),
      ),
    );
    const asked = fieldsOf(comparison.selection.filter);
    const attributes = rows
      .flat()
      .filter(({ source, key }) => !(asked.has(key) || asked.has(`${source}:${key}`)))
      .map((row) => toAttribute(row, sampled))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score || a.field.localeCompare(b.field));
    return { ...answer, attributes: attributes.slice(0, request.limit) };
  }

  private async counts(comparison: SpanComparison, scope: ReadScope, rates?: SamplingRates): Promise<Sides> {
    const statement = withFilterErrors(() => compileSideCounts(comparison, rates));
    const [row] = await this.store.query<{ selection: string; baseline: string }>(statement, scope);
    return { selection: Number(row?.selection ?? 0), baseline: Number(row?.baseline ?? 0) };
  }
}

const rateOf = (count: number, sample: number) => Math.max(1, Math.floor(count / sample));

function comparisonOf(request: CompareSpans, tenantId: string, nowMs: number): SpanComparison {
  const range = parseRange(request.range, nowMs);
  const filter = parseFilter(request.filter);
  const chosen = parseFilter(request.selection.filter);
  if (chosen.kind === 'all' && request.selection.range === undefined) {
    const message = 'must have a filter or a range of its own: there is nothing to compare everything with';
    throw new ValidationError([{ path: 'selection', code: 'custom', message }]);
  }
  const part = request.selection.range === undefined ? range : parseRange(request.selection.range, nowMs);
  return { tenantId, range, filter, selection: { filter: chosen, range: overlap(range, part) } };
}

/** Empty (its end at its beginning) where the two do not meet. */
function overlap(a: TimeRange, b: TimeRange): TimeRange {
  const fromNs = a.fromNs > b.fromNs ? a.fromNs : b.fromNs;
  const toNs = a.toNs < b.toNs ? a.toNs : b.toNs;
  return { fromNs, toNs: toNs > fromNs ? toNs : fromNs };
}

function toAttribute(row: ComparedRow, sides: Sides): ComparedAttribute {
  const share = (count: string | undefined, of: number) => Math.min(1, Number(count ?? 0) / of);
  const carried = {
    selectionShare: share(row.selection, sides.selection),
    baselineShare: share(row.baseline, sides.baseline),
  };
  const values = row.values.map((value, i) => ({
    value,
    selectionShare: share(row.selections[i], sides.selection),
    baselineShare: share(row.baselines[i], sides.baseline),
  }));
  const distinctValues = Number(row.distinctValues);
  return {
    field: fieldName(row.source, row.key),
    source: row.source,
    score: Math.max(surplus(carried, sides, 1), ...values.map((shares) => surplus(shares, sides, distinctValues))),
    ...carried,
    distinctValues,
    values,
  };
}

/**
 * How far two shares lie apart beyond what chance makes of samples of one and the same: an interval of 95 % that is the
 * wider the more values there were to choose from, or else every id that comes once would seem to tell something.
 */
function surplus(shares: { selectionShare: number; baselineShare: number }, sides: Sides, choices: number): number {
  const { selectionShare: a, baselineShare: b } = shares;
  const pooled = (a * sides.selection + b * sides.baseline) / (sides.selection + sides.baseline);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / sides.selection + 1 / sides.baseline));
  return Math.max(0, Math.abs(a - b) - Math.sqrt(2 * Math.log((2 * choices) / 0.05)) * error);
}

/** How a filter names it, so that it means this one even where a field has the same name. */
function fieldName(source: ComparedAttribute['source'], key: string): string {
  if (source === 'resource') return formatField(`resource.${key}`);
  if (source === 'field') return key;
  const isTaken = resolveTfqlField(key, 'spans').kind !== 'any';
  return formatField(isTaken ? `attributes.${key}` : key);
}

/** What the selection was chosen by: naturally that differs, and says nothing. */
function fieldsOf(expression: TfqlExpression, found = new Set<string>()): ReadonlySet<string> {
  switch (expression.kind) {
    case 'and':
    case 'or':
      for (const item of expression.items) fieldsOf(item, found);
      break;
    case 'not':
      fieldsOf(expression.item, found);
      break;
    case 'compare':
    case 'exists': {
      const target = resolveTfqlField(expression.field, 'spans');
      if (target.kind === 'field') found.add(`field:${target.name}`);
      else found.add(target.kind === 'any' ? target.key : `${target.kind}:${target.key}`);
      break;
    }
    default:
      break;
  }
  return found;
}
