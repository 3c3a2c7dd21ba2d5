import { Injectable } from '@nestjs/common';
import type { LogPatternsQuery, LogPatternsResponse } from '@telemetryflow/contracts';
import { compileLogHistogram, compileLogSample, SAMPLE_SCALE } from '../compiler/logs.js';
import { parseRange } from '../range.js';
import { autoStepMs, bucketStarts } from '../step.js';
import { parseFilter, TelemetryStore, withFilterErrors, type ReadScope } from '../store.js';
import { CHARACTERS, findPatterns, type SampledLog } from './find-patterns.js';

/** Texts that are read for patterns. */
export const MAX_SAMPLED = 20_000;

/** What log records say, with what differs from record to record left out. */
@Injectable()
export class LogPatternReader {
  constructor(private readonly store: TelemetryStore) {}

  /**
   * Patterns of the matching records, from a sample spread evenly over them when there are more than
   * {@link MAX_SAMPLED}; the same question has the same sample.
   *
   * @throws ValidationError (range), DomainError QUERY_SYNTAX, QUERY_LIMIT_EXCEEDED, UNAVAILABLE
   */
  async read(query: LogPatternsQuery, scope: ReadScope, nowMs = Date.now()): Promise<LogPatternsResponse> {
    const range = parseRange(query, nowMs);
    const filter = parseFilter(query.filter);
    const stepMs = autoStepMs(range, query.steps);
    const times = bucketStarts(range, stepMs);
    const { tenantId } = scope;
    const counting = withFilterErrors(() => compileLogHistogram(tenantId, range, filter, stepMs));
    const counts = await this.store.query<{ records: string }>(counting, scope);
    const total = counts.reduce((sum, { records }) => sum + Number(records), 0);
    const share = Math.min(SAMPLE_SCALE, Math.ceil((MAX_SAMPLED / Math.max(1, total)) * SAMPLE_SCALE));
    // The sample's size scatters around what is aimed at: the limit is only there against a store that grows meanwhile.
    const limit = MAX_SAMPLED * 1.25;
    const sampling = withFilterErrors(() =>
      compileLogSample({ tenantId, range, filter, share, limit, characters: CHARACTERS }),
    );
    const logs = total === 0 ? [] : await this.store.query<SampledLog>(sampling, scope);
    const isEstimate = logs.length < total;
    const patterns = await findPatterns(logs, times, isEstimate ? total / Math.max(1, logs.length) : 1);
    return {
      data: patterns.slice(0, query.limit),
      patternCount: patterns.length,
      times,
      stepMs,
      total,
      sampled: logs.length,
      isEstimate,
    };
  }
}
