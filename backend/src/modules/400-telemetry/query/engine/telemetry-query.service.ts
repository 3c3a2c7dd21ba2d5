import { Inject, Injectable } from '@nestjs/common';
import type { ExplainResponse, QueryPlan, QueryResponse, TelemetryQuery } from '@telemetryflow/contracts';
import { TelemetryStore, type ReadScope } from '../store.js';
import { comparedMs, earlierPeriod, type EarlierPeriod } from './earlier-period.js';
import { explainStatement } from './explain.js';
import { readFormulas } from './formula-results.js';
import type { PartRequest, Steps } from './part.js';
import { answerPart, planPart, StatementRunner } from './part-runner.js';
import { PLANNERS, plannerOf, type Planners } from './planners.js';
import { runQuery, type OnResult, type ResolvedQuery } from './query-run.js';
import { readQuery, type ReadPart, type ReadQuery } from './read-query.js';
import { resolveSteps } from './steps.js';

/** Answers the one query model. */
@Injectable()
export class TelemetryQueryService {
  constructor(
    private readonly store: TelemetryStore,
    @Inject(PLANNERS) private readonly planners: Planners,
  ) {}

  /**
   * Calls `onResult` with each result as it comes, those of formulas last.
   *
   * @throws ValidationError, DomainError QUERY_SYNTAX, QUERY_LIMIT_EXCEEDED, UNAVAILABLE
   */
  async answer(
    query: TelemetryQuery,
    scope: ReadScope,
    options: { readonly nowMs?: number; readonly onResult?: OnResult } = {},
  ): Promise<QueryResponse> {
    const startedAt = performance.now();
    const runner = new StatementRunner(this.store, scope);
    const resolved = await this.resolve(query, scope, runner, options.nowMs ?? Date.now());
    const { results, notes } = await runQuery(
      resolved,
      (part, period, onlyGroups) => {
        const request = requestOf(part, period, scope.tenantId, onlyGroups);
        return answerPart(plannerOf(this.planners, part), request, part.index, runner.run);
      },
      options.onResult,
    );
    const { range, steps } = resolved.period;
    return {
      results: [...results],
      meta: {
        from: instantOf(range.fromNs),
        to: instantOf(range.toNs),
        timeZone: query.timeZone,
        stepMs: steps?.stepMs ?? null,
        times: [...(steps?.starts ?? [])],
        cache: 'miss',
        elapsedMs: Math.round((performance.now() - startedAt) * 1000) / 1000,
        rowsRead: runner.stats.rowsRead,
        bytesRead: runner.stats.bytesRead,
        notes: [...notes],
      },
    };
  }

  /**
   * The statements of each part, without those of a compared period, and what the store expects to read for them.
   *
   * @throws ValidationError, DomainError QUERY_SYNTAX, UNAVAILABLE
   */
  async explain(query: TelemetryQuery, scope: ReadScope, nowMs = Date.now()): Promise<ExplainResponse> {
    const runner = new StatementRunner(this.store, scope);
    const { parts, period } = await this.resolve(query, scope, runner, nowMs);
    const plans = await Promise.all(
      parts.map(async (part): Promise<QueryPlan[]> => {
        const request = requestOf(part, period, scope.tenantId);
        const plan = await planPart(plannerOf(this.planners, part), request, part.index, runner.run);
        return Promise.all(
          plan.statements.map((statement) => explainStatement(part.part.label, plan.table, statement, runner.run)),
        );
      }),
    );
    return { plans: plans.flat() };
  }

  private async resolve(
    query: TelemetryQuery,
    scope: ReadScope,
    runner: StatementRunner,
    nowMs: number,
  ): Promise<ResolvedQuery> {
    const read = readQuery(query, nowMs);
    const formulas = readFormulas(query);
    const compareMs = comparedMs(query.compare);
    const steps = await this.stepsOf(query.step, compareMs, read, scope, runner);
    const period = { range: read.range, steps };
    const earlier = compareMs === undefined ? undefined : earlierPeriod(compareMs, period, read.calendar);
    return { parts: read.parts, formulas, period, earlier };
  }

  private async stepsOf(
    step: string,
    dividesMs: number | undefined,
    { parts, range, calendar }: ReadQuery,
    { tenantId }: ReadScope,
    { run }: StatementRunner,
  ): Promise<Steps | null> {
    const grouped = parts.filter(({ part }) => part.aggregations.length > 0);
    if (grouped.length === 0) return null;
    const compared = dividesMs === undefined ? {} : { dividesMs };
    if (step !== 'auto') return resolveSteps({ step, ...compared }, range, calendar);
    const intervals = await Promise.all(
      grouped.map(({ part, filter, wheres, index }) =>
        plannerOf(this.planners, { part, index }).sampleIntervalMs?.({ tenantId, part, filter, wheres, range }, run),
      ),
    );
    const sampleIntervalMs = Math.max(0, ...intervals.map((ms) => ms ?? 0));
    return resolveSteps({ step, sampleIntervalMs, ...compared }, range, calendar);
  }
}

function requestOf(
  { part, filter, wheres }: ReadPart,
  { range, steps }: EarlierPeriod,
  tenantId: string,
  onlyGroups?: PartRequest['onlyGroups'],
): PartRequest {
  return {
    tenantId,
    part,
    filter,
    wheres,
    range,
    steps: part.aggregations.length === 0 ? null : steps,
    ...(onlyGroups === undefined ? {} : { onlyGroups }),
  };
}

function instantOf(ns: bigint): string {
  return new Date(Number(ns / 1_000_000n)).toISOString();
}
