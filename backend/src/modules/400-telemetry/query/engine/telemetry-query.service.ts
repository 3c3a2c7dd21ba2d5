import { Inject, Injectable } from '@nestjs/common';
import type { QueryNote, QueryResponse, QueryResult, RowsResult, TelemetryQuery } from '@telemetryflow/contracts';
import { TelemetryStore, type ReadScope } from '../store.js';
import type { PartAnswer, PartRequest, Steps } from './part.js';
import { answerPart, StatementRunner } from './part-runner.js';
import { PLANNERS, plannerOf, type Planners } from './planners.js';
import { readQuery, type ReadPart, type ReadQuery } from './prepare.js';
import { resolveSteps } from './steps.js';

type Row = RowsResult['rows'][number];

/** Answers the one query model. */
@Injectable()
export class TelemetryQueryService {
  constructor(
    private readonly store: TelemetryStore,
    @Inject(PLANNERS) private readonly planners: Planners,
  ) {}

  /** @throws ValidationError, DomainError QUERY_SYNTAX, QUERY_LIMIT_EXCEEDED, UNAVAILABLE */
  async answer(query: TelemetryQuery, scope: ReadScope, nowMs = Date.now()): Promise<QueryResponse> {
    const startedAt = performance.now();
    const read = readQuery(query, nowMs);
    const runner = new StatementRunner(this.store, scope);
    const steps = await this.stepsOf(query, read, scope, runner);
    const answers = await Promise.all(
      read.parts.map(async (part) => {
        const request = requestOf(part, read, steps, scope);
        return answerPart(plannerOf(this.planners, part.part.signal), request, part.index, runner.run);
      }),
    );
    const notes = answers.flatMap((answer, i) => notesOf(read.parts[i], answer));
    return {
      results: answers.flatMap((answer, i) => resultOf(read.parts[i], answer)),
      meta: {
        from: instantOf(read.range.fromNs),
        to: instantOf(read.range.toNs),
        timeZone: query.timeZone,
        stepMs: steps?.stepMs ?? null,
        times: [...(steps?.starts ?? [])],
        cache: 'miss',
        elapsedMs: Math.round((performance.now() - startedAt) * 1000) / 1000,
        rowsRead: runner.stats.rowsRead,
        bytesRead: runner.stats.bytesRead,
        notes,
      },
    };
  }

  private async stepsOf(
    query: TelemetryQuery,
    read: ReadQuery,
    scope: ReadScope,
    runner: StatementRunner,
  ): Promise<Steps | null> {
    const grouped = read.parts.filter(({ part }) => part.aggregations.length > 0);
    if (grouped.length === 0) return null;
    if (query.step !== 'auto') return resolveSteps({ step: query.step }, read.range, read.calendar);
    const intervals = await Promise.all(
      grouped.map(({ part, filter, wheres }) =>
        plannerOf(this.planners, part.signal).sampleIntervalMs?.(
          { tenantId: scope.tenantId, part, filter, wheres, range: read.range },
          runner.run,
        ),
      ),
    );
    const sampleIntervalMs = Math.max(0, ...intervals.map((ms) => ms ?? 0));
    return resolveSteps({ step: 'auto', sampleIntervalMs }, read.range, read.calendar);
  }
}

function requestOf(
  { part, filter, wheres }: ReadPart,
  { range }: ReadQuery,
  steps: Steps | null,
  { tenantId }: ReadScope,
): PartRequest {
  return { tenantId, part, filter, wheres, range, steps: part.aggregations.length === 0 ? null : steps };
}

function resultOf(read: ReadPart | undefined, answer: PartAnswer): QueryResult[] {
  if (read === undefined || read.part.hidden) return [];
  const { label, groupBy } = read.part;
  if (answer.kind === 'rows') {
    const { columns, rows, truncated } = answer;
    return [{ label, kind: 'rows', columns: [...columns], rows: rows.map((row) => [...row] as Row), truncated }];
  }
  const { columns, groups, totalGroups } = answer;
  return [
    {
      label,
      kind: 'groups',
      groupBy,
      columns: [...columns],
      groups: groups.map(({ labels, ...values }) => ({ ...values, labels: [...labels] })),
      totalGroups,
      truncated: totalGroups > groups.length,
    },
  ];
}

function notesOf(read: ReadPart | undefined, answer: PartAnswer): QueryNote[] {
  if (read === undefined) return [];
  const notes = [...(answer.notes ?? [])];
  if (answer.kind === 'groups' && answer.totalGroups > answer.groups.length) {
    notes.push({
      label: read.part.label,
      code: 'truncated',
      message: `The first ${answer.groups.length} of ${answer.totalGroups} groups are shown`,
      suggestions: [],
    });
  }
  return notes;
}

function instantOf(ns: bigint): string {
  return new Date(Number(ns / 1_000_000n)).toISOString();
}
