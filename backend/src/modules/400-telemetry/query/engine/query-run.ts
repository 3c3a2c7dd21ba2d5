import type { GroupsResult, GroupValues, QueryNote, QueryResult, RowsResult } from '@telemetryflow/contracts';
import type { EarlierPeriod } from './earlier-period.js';
import { formulaResult, keyOf, type ReadFormula } from './formula-results.js';
import type { AnsweredGroup, GroupsAnswer, PartAnswer, RowsAnswer } from './part.js';
import type { ReadPart } from './read-query.js';

type Row = RowsResult['rows'][number];
type Labels = readonly string[];

/** A request with everything resolved that its parts have in common. */
export interface ResolvedQuery {
  readonly parts: readonly ReadPart[];
  readonly formulas: readonly ReadFormula[];
  readonly period: EarlierPeriod;
  /** What it is compared with. */
  readonly earlier: EarlierPeriod | undefined;
}

/** Answers one part for one period: all its groups, or only some. */
export type AskPart = (part: ReadPart, period: EarlierPeriod, onlyGroups?: readonly Labels[]) => Promise<PartAnswer>;

/** Hears of each result as soon as it is there, in no particular order. */
export type OnResult = (result: QueryResult) => void;

interface RunAnswer {
  /** As asked, then the formulas; without what is hidden. */
  readonly results: readonly QueryResult[];
  readonly notes: readonly QueryNote[];
}

/** Asks all parts side by side, completes what formulas need, compares, and calculates. */
export async function runQuery(query: ResolvedQuery, ask: AskPart, onResult: OnResult = () => {}): Promise<RunAnswer> {
  const needed = neededParts(query);
  const asked = new Map(needed.map((part) => [part.part.label, ask(part, query.period)]));
  const results = await Promise.all(
    needed.map(async (part) => {
      const answer = await demanded(asked, part.part.label);
      if (answer.kind === 'rows') return shown(part, rowsResult(part, answer), onResult);
      const extras = await missingGroups(part, query, asked, ask);
      const complete = await compared(part, groupsResult(part, [...answer.groups, ...extras], answer), query, ask);
      const result =
        extras.length === 0 ? complete : { ...complete, groups: complete.groups.slice(0, answer.groups.length) };
      return { ...shown(part, result, onResult), complete };
    }),
  );
  const operands = new Map(
    results.flatMap((outcome) => ('complete' in outcome ? [[outcome.complete.label, outcome.complete] as const] : [])),
  );
  const formulas = query.formulas.map((formula) => {
    const limits = needed.filter(({ part }) => formula.labels.includes(part.label)).map(({ part }) => part.limit);
    const result = formulaResult(formula, operands, Math.max(...limits));
    onResult(result);
    return result;
  });
  const answers = await Promise.all(asked.values());
  return {
    results: [...results.flatMap(({ result }) => result ?? []), ...formulas],
    notes: answers.flatMap((answer, i) => notesOf(needed[i], answer)),
  };
}

/** Whom a hidden part serves nothing is not asked. */
function neededParts({ parts, formulas }: ResolvedQuery): ReadPart[] {
  return parts.filter(({ part }) => !part.hidden || formulas.some(({ labels }) => labels.includes(part.label)));
}

async function demanded(asked: ReadonlyMap<string, Promise<PartAnswer>>, label: string): Promise<PartAnswer> {
  const answer = asked.get(label);
  if (answer === undefined) throw new Error(`Nothing was asked for ${label}`);
  return answer;
}

/** Groups of the other operands that are beyond this one's own top: a formula needs them of both. */
async function missingGroups(
  part: ReadPart,
  query: ResolvedQuery,
  asked: ReadonlyMap<string, Promise<PartAnswer>>,
  ask: AskPart,
): Promise<readonly AnsweredGroup[]> {
  const { label, groupBy } = part.part;
  const peers = new Set(query.formulas.filter((formula) => formula.labels.includes(label)).flatMap((f) => f.labels));
  if (groupBy.length === 0 || peers.size < 2) return [];
  const answers = await Promise.all([...peers].map((peer) => demanded(asked, peer)));
  const own = await demanded(asked, label);
  if (own.kind === 'rows' || own.totalGroups <= own.groups.length) return [];
  const known = new Set(own.groups.map(keyOf));
  const missing = new Map<string, Labels>();
  for (const answer of answers) {
    if (answer.kind === 'rows') continue;
    for (const group of answer.groups) {
      if (group.labels.length === groupBy.length && !known.has(keyOf(group))) missing.set(keyOf(group), group.labels);
    }
  }
  if (missing.size === 0) return [];
  const extra = await ask(part, query.period, [...missing.values()]);
  return extra.kind === 'groups' ? extra.groups : [];
}

/** The result with the earlier values of its groups. */
async function compared(
  part: ReadPart,
  result: GroupsResult,
  { earlier }: ResolvedQuery,
  ask: AskPart,
): Promise<GroupsResult> {
  if (earlier === undefined) return result;
  const only = part.part.groupBy.length === 0 ? undefined : result.groups.map(({ labels }) => labels);
  if (only?.length === 0) return result;
  const answer = await ask(part, earlier, only);
  const before = new Map(answer.kind === 'groups' ? answer.groups.map((group) => [keyOf(group), group]) : []);
  const nothing = emptyValues(part, earlier);
  const groups = result.groups.map((group) => {
    const { labels: _labels, ...previous } = before.get(keyOf(group)) ?? { labels: [], ...nothing };
    return { ...group, previous };
  });
  return { ...result, groups };
}

/** What a group has where nothing is known of it. */
function emptyValues({ part }: ReadPart, { steps }: EarlierPeriod): GroupValues {
  const values = part.aggregations.map(() => null);
  return steps === null ? { values } : { values, series: values.map(() => steps.starts.map(() => null)) };
}

function shown(part: ReadPart, result: QueryResult, onResult: OnResult): { result: QueryResult | undefined } {
  if (part.part.hidden) return { result: undefined };
  onResult(result);
  return { result };
}

function rowsResult({ part }: ReadPart, { columns, rows, truncated }: RowsAnswer): RowsResult {
  return {
    label: part.label,
    kind: 'rows',
    columns: [...columns],
    // What the store answers as JSON is JSON.
    rows: rows.map((row) => [...row] as Row),
    truncated,
  };
}

function groupsResult({ part }: ReadPart, groups: readonly AnsweredGroup[], answer: GroupsAnswer): GroupsResult {
  return {
    label: part.label,
    kind: 'groups',
    groupBy: part.groupBy,
    columns: [...answer.columns],
    groups: groups.map(({ labels, ...values }) => ({ labels: [...labels], ...values })),
    totalGroups: answer.totalGroups,
    truncated: answer.totalGroups > answer.groups.length,
  };
}

function notesOf(read: ReadPart | undefined, answer: PartAnswer): QueryNote[] {
  if (read === undefined || read.part.hidden) return [];
  // A kept answer may have been another label's.
  const notes = (answer.notes ?? []).map((note) => ({ ...note, label: read.part.label }));
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
