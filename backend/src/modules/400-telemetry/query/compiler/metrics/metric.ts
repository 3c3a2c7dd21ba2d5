import { MetricType, resolveTfqlField, TFQL_FIELDS, type TfqlExpression } from '@telemetryflow/contracts';
import type { Run } from '../../engine/part.js';
import { Parameters, type Statement } from '../parameters.js';
import { compileMetricTypes } from './selection.js';

/** A metric as the store knows it. */
export interface Metric {
  readonly name: string;
  /** That of its newest series. */
  readonly type: MetricType;
  readonly unit: string;
  readonly series: number;
  /** Types that other series of the same name have. */
  readonly otherTypes: readonly string[];
}

/** What Prometheus' exporters put behind a name: units, then what is counted. */
const UNIT_SUFFIXES =
  'seconds|milliseconds|microseconds|nanoseconds|minutes|hours|days|bytes|kibibytes|mebibytes|gibibytes|kilobytes|' +
  'megabytes|gigabytes|meters|volts|amperes|joules|watts|grams|celsius|hertz|ratio|percent|bits';
const SUFFIX = new RegExp(`^(?:_(?:${UNIT_SUFFIXES}))?(?:_per_[a-z]+)?(?:_(?:total|bucket|count|sum|created|ratio))?$`);
const PROMETHEUS_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const MAX_KEYS = 1000;

/**
 * The metric of a name: as it was sent, or as Prometheus spells it (`http_server_request_duration_seconds_bucket` is
 * `http.server.request.duration`). Undefined when no series has it.
 */
export async function findMetric(tenantId: string, name: string, run: Run): Promise<Metric | undefined> {
  const known = await metricNamed(tenantId, name, run);
  if (known !== undefined || !PROMETHEUS_NAME.test(name)) return known;
  const rows = await run<{ name: string }>(compileNamesBehind(tenantId, name));
  const match = rows.find((row) => SUFFIX.test(name.slice(underscored(row.name).length)));
  return match === undefined ? undefined : metricNamed(tenantId, match.name, run);
}

async function metricNamed(tenantId: string, name: string, run: Run): Promise<Metric | undefined> {
  const rows = await run<{ type: string; unit: string; series: string }>(compileMetricTypes(tenantId, name));
  const [first, ...others] = rows;
  if (first === undefined) return undefined;
  const otherTypes = others.map((row) => row.type);
  return { name, type: MetricType.parse(first.type), unit: first.unit, series: Number(first.series), otherTypes };
}

/** Names that are, with underscores for all else than letters and digits, the beginning of the given one; longest first. */
export function compileNamesBehind(tenantId: string, name: string): Statement {
  const params = new Parameters(tenantId);
  return params.statement(`SELECT DISTINCT metric_name AS name
FROM series_v3
WHERE ${params.tenantFilter} AND startsWith(${params.add('String', name)}, replaceRegexpAll(metric_name, '[^a-zA-Z0-9_:]', '_'))
ORDER BY length(name) DESC, name LIMIT 100`);
}

/** Attribute keys of the metric's series, and of their resources. */
export function compileKeysOf(tenantId: string, metricName: string): Statement {
  const params = new Parameters(tenantId);
  const metric = `${params.tenantFilter} AND metric_name = ${params.add('String', metricName)}`;
  return params.statement(`SELECT groupUniqArrayArray(${MAX_KEYS})(mapKeys(attributes)) AS keys
FROM series_v3 WHERE ${metric}
UNION ALL
SELECT groupUniqArrayArray(${MAX_KEYS})(mapKeys(attributes)) AS keys
FROM resources_v3 WHERE ${params.tenantFilter} AND resource_id IN (SELECT resource_id FROM series_v3 WHERE ${metric})`);
}

/** What Prometheus calls the service and its instance. */
const PROMETHEUS_LABELS: Readonly<Record<string, string>> = { job: 'service.name', instance: 'service.instance.id' };

/**
 * A function that turns names as Prometheus spells them (`http_route`) into those that the metric's series carry
 * (`http.route`). Names that they carry as they are stay, and so does what nothing carries. Looks the keys up only when
 * one of the names may be such a spelling.
 */
export async function prometheusNames(
  tenantId: string,
  metricName: string,
  names: readonly string[],
  run: Run,
): Promise<(name: string) => string> {
  const spellings = names.filter((name) => isPrometheusSpelling(name));
  if (spellings.length === 0) return (name) => name;
  const rows = await run<{ keys: string[] }>(compileKeysOf(tenantId, metricName));
  const keys = new Set(rows.flatMap((row) => row.keys));
  const fields = TFQL_FIELDS.filter((field) => field.signals.some((signal) => signal === 'metrics'));
  const known = [...keys, ...fields.map((field) => field.name)];
  const renamed = new Map(
    spellings
      .filter((name) => !keys.has(name))
      .map((name) => [name, PROMETHEUS_LABELS[name] ?? known.find((key) => underscored(key) === name) ?? name]),
  );
  return (name) => renamed.get(name) ?? name;
}

/** Whether a name is how Prometheus spells one of the known ones (as filters write them: `http.route`, `resource.host.name`). */
export function isPrometheusNameOf(name: string, known: readonly string[]): boolean {
  if (!isPrometheusSpelling(name)) return false;
  return name in PROMETHEUS_LABELS || known.some((one) => underscored(one.replace(/^resource\./, '')) === name);
}

function isPrometheusSpelling(name: string): boolean {
  const maybe = (name.includes('_') && PROMETHEUS_NAME.test(name)) || name in PROMETHEUS_LABELS;
  return maybe && resolveTfqlField(name, 'metrics').kind === 'any';
}

/** Names that a filter asks for. */
export function namesIn(expression: TfqlExpression): string[] {
  switch (expression.kind) {
    case 'compare':
    case 'exists':
      return [expression.field];
    case 'and':
    case 'or':
      return expression.items.flatMap(namesIn);
    case 'not':
      return namesIn(expression.item);
    default:
      return [];
  }
}

/** The filter with other names. */
export function renameIn(expression: TfqlExpression, rename: (name: string) => string): TfqlExpression {
  switch (expression.kind) {
    case 'compare':
    case 'exists':
      return { ...expression, field: rename(expression.field) };
    case 'and':
    case 'or':
      return { ...expression, items: expression.items.map((item) => renameIn(item, rename)) };
    case 'not':
      return { ...expression, item: renameIn(expression.item, rename) };
    default:
      return expression;
  }
}

function underscored(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9_:]/g, '_');
}
