import { parseTfql, TfqlSyntaxError, type TfqlExpression } from '@telemetryflow/contracts';
import { ValidationError } from '../../../../shared/platform/index.js';
import type { Statement } from '../compiler/parameters.js';
import type { TelemetryStore, ReadScope } from '../store.js';
import type { PartAnswer, PartPlanner, PartRequest, PlannedPart, Run } from './part.js';
import { refusedBelow, syntaxProblem } from './problems.js';

const EVERYTHING: TfqlExpression = parseTfql('');

/** What the store did for a query. */
export interface ReadStats {
  rowsRead: number;
  bytesRead: number;
  statements: number;
}

/** Runs the statements of one query, and adds up what they read. */
export class StatementRunner {
  readonly stats: ReadStats = { rowsRead: 0, bytesRead: 0, statements: 0 };

  constructor(
    private readonly store: TelemetryStore,
    private readonly scope: ReadScope,
  ) {}

  readonly run: Run = async <T>(statement: Statement): Promise<T[]> => {
    const { rows, stats } = await this.store.read<T>(statement, this.scope);
    this.stats.rowsRead += stats.rowsRead;
    this.stats.bytesRead += stats.bytesRead;
    this.stats.statements += 1;
    return rows;
  };
}

/** @throws DomainError QUERY_SYNTAX and ValidationError, both with the part's path */
export function planPart(planner: PartPlanner, request: PartRequest, index: number, run: Run): Promise<PlannedPart> {
  return naming(planner, request, index, run, () => planner.plan(request, run));
}

/** @throws DomainError QUERY_SYNTAX and ValidationError, both with the part's path; QUERY_LIMIT_EXCEEDED, UNAVAILABLE */
export async function answerPart(
  planner: PartPlanner,
  request: PartRequest,
  index: number,
  run: Run,
): Promise<PartAnswer> {
  return (await planPart(planner, request, index, run)).answer(run);
}

/** @throws as `planPart` */
export async function sampleIntervalOf(
  planner: PartPlanner,
  request: Omit<PartRequest, 'steps'>,
  index: number,
  run: Run,
): Promise<number | undefined> {
  const whole = { ...request, steps: null };
  return naming(planner, whole, index, run, async () => planner.sampleIntervalMs?.(request, run));
}

/** What is refused of a part is named as the request names it. */
async function naming<T>(
  planner: PartPlanner,
  request: PartRequest,
  index: number,
  run: Run,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TfqlSyntaxError) throw syntaxProblem(await textOf(planner, request, index, run), error);
    if (error instanceof ValidationError) throw refusedBelow(`queries.${index}`, error);
    throw error;
  }
}

/** The path of the text whose literal a planner refused: planned again with each `where` alone, the culprit fails again. */
async function textOf(planner: PartPlanner, request: PartRequest, index: number, run: Run): Promise<string> {
  for (const [position, where] of request.wheres.entries()) {
    if (where.kind === 'all') continue;
    const alone = {
      ...request,
      filter: EVERYTHING,
      wheres: request.wheres.map((w, i) => (i === position ? w : EVERYTHING)),
    };
    const isCulprit = await planner.plan(alone, run).then(
      () => false,
      (error: unknown) => error instanceof TfqlSyntaxError,
    );
    if (isCulprit) return `queries.${index}.aggregations.${position}.where`;
  }
  return `queries.${index}.filter`;
}
