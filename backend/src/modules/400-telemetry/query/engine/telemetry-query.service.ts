import { Inject, Injectable } from '@nestjs/common';
import type {
  Aggregation,
  ExplainResponse,
  QueryMeta,
  QueryNote,
  QueryPeriod,
  QueryPlan,
  QueryResponse,
  TelemetryQuery,
} from '@telemetryflow/contracts';
import { DomainError } from '../../../../shared/platform/index.js';
import { MAX_BUCKETS } from '../compiler/records/histograms.js';
import { TelemetryStore, type ReadScope } from '../store.js';
import { AnswerCache } from './answer-cache.js';
import { comparedMs, earlierPeriod, type EarlierPeriod } from './earlier-period.js';
import { explainStatement } from './explain.js';
import { costOf } from './formula.js';
import { readFormulas, type ReadFormula } from './formula-results.js';
import { NameNotes } from './name-notes.js';
import type { PartRequest, Steps } from './part.js';
import { answerPart, planPart, sampleIntervalOf, StatementRunner } from './part-runner.js';
import { PLANNERS, plannerOf, type Planners } from './planners.js';
import { runQuery, type OnResult, type ResolvedQuery } from './query-run.js';
import { readQuery, type ReadPart, type ReadQuery } from './read-query.js';
import { automaticStepOf, resolveSteps } from './steps.js';

/** Numbers in one answer. */
const MAX_VALUES = 1_000_000;
/** Values and operations of all formulas: they are calculated in one go, while nobody else is answered. */
const MAX_CALCULATIONS = 10_000_000;

export interface AnswerOptions {
  readonly nowMs?: number;
  /** Ask the store for everything, whatever is kept. */
  readonly isFresh?: boolean;
  readonly onPeriod?: (period: QueryPeriod) => void;
  readonly onResult?: OnResult;
}

/** Answers the one query model. */
@Injectable()
export class TelemetryQueryService {
  constructor(
    private readonly store: TelemetryStore,
    @Inject(PLANNERS) private readonly planners: Planners,
    private readonly names: NameNotes,
    private readonly cache: AnswerCache,
  ) {}

  /**
   * Tells a listener of the period and of each result as it comes, those of formulas last. What one part fails of ends
   * the others.
   *
   * @throws ValidationError, DomainError QUERY_SYNTAX, QUERY_LIMIT_EXCEEDED, RATE_LIMIT_EXCEEDED, UNAVAILABLE
   */
  async answer(query: TelemetryQuery, scope: ReadScope, options: AnswerOptions = {}): Promise<QueryResponse> {
    const failed = new AbortController();
    const signals = [failed.signal, ...(scope.signal === undefined ? [] : [scope.signal])];
    try {
      return await this.answered(query, { ...scope, signal: AbortSignal.any(signals) }, options);
    } catch (error) {
      failed.abort(error);
      throw error;
    }
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

  private async answered(
    query: TelemetryQuery,
    scope: ReadScope,
    { nowMs = Date.now(), isFresh = false, onPeriod, onResult }: AnswerOptions,
  ): Promise<QueryResponse> {
    const startedAt = performance.now();
    const runner = new StatementRunner(this.store, scope);
    const resolved = await this.resolve(query, scope, runner, nowMs);
    const period = periodOf(resolved.period, query.timeZone);
    onPeriod?.(period);
    const caches = new Set<QueryMeta['cache']>();
    const [{ results, notes }, nameNotes] = await Promise.all([
      runQuery(
        resolved,
        async (part, asked, onlyGroups) => {
          const planner = plannerOf(this.planners, part);
          const request = requestOf(part, asked, scope.tenantId, onlyGroups);
          const ask = (question: PartRequest) => answerPart(planner, question, part.index, runner.run);
          const { answer, cache } = isFresh
            ? { answer: await ask(request), cache: 'miss' as const }
            : await this.cache.answer(request, scope, nowMs, ask);
          caches.add(cache);
          return answer;
        },
        onResult,
      ),
      this.names.unknownFields(resolved.parts, scope),
    ]);
    const { rowsRead, bytesRead } = runner.stats;
    return {
      results: [...results],
      meta: {
        ...period,
        cache: caches.size === 1 ? ([...caches][0] ?? 'miss') : 'partial',
        elapsedMs: Math.round((performance.now() - startedAt) * 1000) / 1000,
        rowsRead,
        bytesRead,
        notes: [
          ...stepNotes(query, resolved.period),
          ...nameNotes,
          ...(await this.names.withNames(notes, resolved.parts, scope)),
        ],
      },
    };
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
    mustBeBounded(query, steps);
    mustBeCalculable(query, formulas, steps);
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
        sampleIntervalOf(
          plannerOf(this.planners, { part, index }),
          { tenantId, part, filter, wheres, range },
          index,
          run,
        ),
      ),
    );
    const sampleIntervalMs = Math.max(0, ...intervals.map((ms) => ms ?? 0));
    return resolveSteps({ step, sampleIntervalMs, ...compared }, range, calendar);
  }
}

/** That the automatic step is longer than the range alone would have it: of metrics, whose samples are further apart. */
function stepNotes(query: TelemetryQuery, { range, steps }: EarlierPeriod): QueryNote[] {
  const metric = query.queries.find(({ signal }) => signal === 'metrics');
  if (query.step !== 'auto' || steps === null || metric === undefined) return [];
  if (steps.stepMs <= automaticStepOf(range)) return [];
  const message = `Steps of ${steps.stepMs / 1000} s: samples come no more often`;
  return [{ label: metric.label, code: 'step_widened', message, suggestions: [] }];
}

/** @throws DomainError QUERY_LIMIT_EXCEEDED when the answer could hold more numbers than anybody can look at */
function mustBeBounded({ queries, compare }: TelemetryQuery, steps: Steps | null): void {
  const points = (steps?.starts.length ?? 0) + 1;
  const values = queries.reduce(
    (sum, { aggregations, groupBy, limit }) =>
      sum + aggregations.reduce((all, of) => all + numbersIn(of), 0) * (groupBy.length === 0 ? 1 : limit) * points,
    0,
  );
  const all = compare === '' ? values : 2 * values;
  if (all <= MAX_VALUES) return;
  const what = `The answer could hold ${all} values, more than ${MAX_VALUES}`;
  throw new DomainError(
    'QUERY_LIMIT_EXCEEDED',
    `${what}; ask for fewer groups, a longer step or a shorter time range`,
    [{ path: 'queries', code: 'values_limit', message: `could answer more than ${MAX_VALUES} values` }],
  );
}

/** What an aggregation answers for one group at one step: a histogram has a number for each bucket. */
function numbersIn({ function: name }: Aggregation): number {
  return name === 'histogram' ? MAX_BUCKETS : 1;
}

/** @throws DomainError QUERY_LIMIT_EXCEEDED when the formulas could take so long that everybody would wait for them */
function mustBeCalculable(
  { queries, compare }: TelemetryQuery,
  formulas: readonly ReadFormula[],
  steps: Steps | null,
): void {
  const points = (steps?.starts.length ?? 0) + 1;
  const calculations = formulas.reduce((sum, { formula, labels, groupBy }) => {
    const operands = queries.filter(({ label }) => labels.includes(label));
    // The groups of a formula are those of all its operands together.
    const groups = groupBy.length === 0 ? 1 : operands.reduce((all, { limit }) => all + limit, 0);
    return sum + costOf(formula) * groups * points;
  }, 0);
  if ((compare === '' ? calculations : 2 * calculations) <= MAX_CALCULATIONS) return;
  throw new DomainError(
    'QUERY_LIMIT_EXCEEDED',
    `The formulas could take more than ${MAX_CALCULATIONS} calculations; ask for fewer groups, a longer step or shorter formulas`,
    [
      {
        path: 'formulas',
        code: 'calculations_limit',
        message: `could take more than ${MAX_CALCULATIONS} calculations`,
      },
    ],
  );
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

function periodOf({ range, steps }: EarlierPeriod, timeZone: string): QueryPeriod {
  return {
    from: instantOf(range.fromNs),
    to: instantOf(range.toNs),
    timeZone,
    stepMs: steps?.stepMs ?? null,
    times: [...(steps?.starts ?? [])],
  };
}

function instantOf(ns: bigint): string {
  return new Date(Number(ns / 1_000_000n)).toISOString();
}
