import { Injectable } from '@nestjs/common';
import {
  formatValue,
  type InfrastructureMetric,
  type MetricType,
  type RangeQuery,
  type ServiceErrorsResponse,
  type ServiceInfrastructureResponse,
  type ServiceVersionsResponse,
} from '@telemetryflow/contracts';
import { compileServiceErrors, compileServiceVersions } from '../compiler/services/service-errors.js';
import {
  compileInfrastructureMetrics,
  compileServicePlaces,
  PLACE_KEYS,
} from '../compiler/services/service-infrastructure.js';
import { parseRange, type TimeRange } from '../range.js';
import { autoStepMs, bucketStarts, DAY_MS } from '../step.js';
import { TelemetryStore, type ReadScope } from '../store.js';

const MAX_ERRORS = 100;
const POINTS = 30;
const DAY_NS = BigInt(DAY_MS) * 1_000_000n;
/** A version whose first span comes this soon in what is looked at may be older than that. */
const SETTLED_NS = 60_000_000_000n;

interface ErrorRow {
  readonly fingerprint: string;
  readonly type: string;
  readonly message: string;
  readonly occurrences: string;
  readonly firstMs: string;
  readonly lastMs: string;
  readonly operations: readonly string[];
  readonly steps: readonly [times: readonly string[], counts: readonly string[]];
  readonly sample: readonly [traceId: string, spanId: string, message: string, stacktrace: string];
}
interface VersionRow {
  readonly version: string;
  readonly firstNs: string;
  readonly lastMs: string;
  readonly instances: string;
  readonly requests: string;
  readonly errors: string;
  readonly p95Ns: string | null;
}
interface MetricRow {
  readonly name: string;
  readonly type: MetricType;
  readonly unit: string;
  readonly description: string;
  readonly placeKey: string;
}

/** What the page of one service shows beside what every explorer asks. An unknown service has nothing of it. */
@Injectable()
export class ServicePageReader {
  constructor(private readonly store: TelemetryStore) {}

  /** @throws ValidationError (range), DomainError QUERY_LIMIT_EXCEEDED, UNAVAILABLE */
  async errors(
    service: string,
    query: RangeQuery,
    scope: ReadScope,
    nowMs = Date.now(),
  ): Promise<ServiceErrorsResponse> {
    const range = parseRange(query, nowMs);
    const stepMs = autoStepMs(range, POINTS);
    const times = bucketStarts(range, stepMs);
    const rows = await this.store.query<ErrorRow>(
      compileServiceErrors(scope.tenantId, service, range, stepMs, MAX_ERRORS + 1),
      scope,
    );
    const data = rows.slice(0, MAX_ERRORS).map((row) => {
      const counts = new Map(row.steps[0].map((time, i) => [Number(time), Number(row.steps[1][i])]));
      const [traceId, spanId, message, stacktrace] = row.sample;
      return {
        fingerprint: row.fingerprint,
        type: row.type,
        message: row.message,
        count: Number(row.occurrences),
        firstSeen: instantOf(row.firstMs),
        lastSeen: instantOf(row.lastMs),
        operations: [...row.operations],
        points: times.map((time) => counts.get(time) ?? 0),
        sample: { traceId, spanId, message, stacktrace },
      };
    });
    return { data, stepMs, times, truncated: rows.length > MAX_ERRORS };
  }

  /** @throws ValidationError (range), DomainError QUERY_LIMIT_EXCEEDED, UNAVAILABLE */
  async versions(
    service: string,
    query: RangeQuery,
    scope: ReadScope,
    nowMs = Date.now(),
  ): Promise<ServiceVersionsResponse> {
    const range = parseRange(query, nowMs);
    const window = lookBack(range);
    const rows = await this.store.query<VersionRow>(
      compileServiceVersions(scope.tenantId, service, range, window),
      scope,
    );
    const data = rows.map((row) => ({
      version: row.version,
      firstSeen: instantOf(BigInt(row.firstNs) / 1_000_000n),
      lastSeen: instantOf(row.lastMs),
      isDeployKnown: BigInt(row.firstNs) - window.fromNs > SETTLED_NS,
      instances: Number(row.instances),
      requests: Number(row.requests),
      errors: Number(row.errors),
      p95DurationNs: row.p95Ns,
    }));
    return { data };
  }

  /** @throws ValidationError (range), DomainError QUERY_LIMIT_EXCEEDED, UNAVAILABLE */
  async infrastructure(
    service: string,
    query: RangeQuery,
    scope: ReadScope,
    nowMs = Date.now(),
  ): Promise<ServiceInfrastructureResponse> {
    const range = parseRange(query, nowMs);
    const { tenantId } = scope;
    const [found] = await this.store.query<{ places: string[][] }>(
      compileServicePlaces(tenantId, service, range),
      scope,
    );
    const places = found?.places ?? [];
    const rows = await this.store.query<MetricRow>(
      compileInfrastructureMetrics(tenantId, service, range, places),
      scope,
    );
    const filterOf = (key: string) => {
      const i = PLACE_KEYS.findIndex((place) => place === key);
      const values = (places[i] ?? []).map(formatValue);
      return `resource.${key}:${values.length === 1 ? values[0] : `(${values.join(' OR ')})`}`;
    };
    const metrics = rows.map(({ placeKey, ...metric }): InfrastructureMetric => ({
      ...metric,
      filter: placeKey === '' ? `service.name:${formatValue(service)}` : filterOf(placeKey),
    }));
    const resources = PLACE_KEYS.map((key, i) => ({ key, values: places[i] ?? [] }));
    return { resources: resources.filter(({ values }) => values.length > 0), metrics };
  }
}

function instantOf(ms: string | bigint): string {
  return new Date(Number(ms)).toISOString();
}

/** The range and as long before it, at least a day. */
function lookBack({ fromNs, toNs }: TimeRange): TimeRange {
  const width = toNs - fromNs;
  return { fromNs: fromNs - (width > DAY_NS ? width : DAY_NS), toNs };
}
