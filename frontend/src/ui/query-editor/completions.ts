import {
  pickedCompletion,
  startCompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete';
import type { EditorView } from '@codemirror/view';
import {
  AggregationFunction,
  formatValue,
  QuerySignal,
  type Field,
  type FieldsResponse,
  type FieldValuesResponse,
  type MetricNamesResponse,
  type TfqlSignal,
} from '@telemetryflow/contracts';
import { api } from '../../lib/api.js';
import { queryClient } from '../../lib/query.js';
import { expectedAt, type EditorMode, type Expected } from './expected.js';

export interface CompletionScope {
  readonly mode: EditorMode;
  readonly signal: TfqlSignal;
  /** A filter that holds besides what is written, such as that of the metric that is looked at. */
  readonly within: string;
  /** As in the URL. */
  readonly from: string;
  readonly to: string;
}

const STAGES = ['by', 'every', 'sort by', 'top', 'limit', 'fields', 'compare', 'hide'];
const MODIFIERS = ['by', 'every', 'where', 'as'];
const DURATIONS = ['10s', '1m', '5m', '1h', '1d', 'auto', 'none'];
const WITHOUT_FIELD = new Set(['count', 'rate', 'increase', 'delta']);
/** The server answers at most so many; with fewer it has nothing more to say about a longer word. */
const MAX_ANSWERS = 100;
const FRESH_MS = 30_000;

/** What fits at the cursor: words of the language, and fields, values and metrics from the server. */
export async function complete(context: CompletionContext, scope: CompletionScope): Promise<CompletionResult | null> {
  const expected = expectedAt(context.state.doc.toString(), context.pos, scope.mode, scope.signal);
  if (expected === null) return null;
  const isAsked = context.explicit || expected.typed !== '' || expected.kind === 'value' || scope.mode === 'statement';
  if (!isAsked) return null;
  const abort = new AbortController();
  context.addEventListener('abort', () => abort.abort());
  const { options, isWhole } = await optionsFor(expected, scope, abort.signal);
  if (options.length === 0) return null;
  const isSearched = expected.kind === 'value' || expected.kind === 'metric';
  return {
    from: expected.from,
    to: expected.to,
    options: options.map((option, i) => ({ boost: Math.max(-99, 99 - i), ...option })),
    // Values are searched by the server, whatever they are quoted with.
    filter: !isSearched,
    ...(isWhole && !isSearched ? { validFor: /^[\w@$.\-/]*$/ } : {}),
  };
}

interface Options {
  readonly options: readonly Completion[];
  /** Nothing was left out. */
  readonly isWhole: boolean;
}

const words = (labels: readonly string[], type: string): Options => ({
  options: labels.map((label) => ({ label, type })),
  isWhole: true,
});

async function optionsFor(expected: Expected, scope: CompletionScope, abort: AbortSignal): Promise<Options> {
  switch (expected.kind) {
    case 'signal':
      return words(QuerySignal.options, 'keyword');
    case 'stage':
      return { options: [...functions(expected.signal), ...words(STAGES, 'keyword').options], isWhole: true };
    case 'function':
      return { options: functions(expected.signal), isWhole: true };
    case 'modifier':
      return words(MODIFIERS, 'keyword');
    case 'direction':
      return words(['desc', 'asc'], 'keyword');
    case 'duration':
      return words(DURATIONS, 'constant');
    case 'sort':
      return words(expected.sortable, 'variable');
    case 'metric':
      return metrics(expected, abort);
    case 'value':
      return values(expected, scope, abort);
    default:
      return fields(expected, scope, abort);
  }
}

function functions(signal: TfqlSignal): Completion[] {
  return AggregationFunction.options
    .filter((name) => signal === 'metrics' || (name !== 'increase' && name !== 'delta'))
    .map((name) => {
      const isPlain = name !== 'quantile' && (signal === 'metrics' || WITHOUT_FIELD.has(name));
      return { label: name, type: 'function', ...(isPlain ? {} : { apply: inserting(`${name}(`) }) };
    });
}

/** Every condition that holds where the cursor is. */
function conditions({ filter }: Expected, { within }: CompletionScope): string {
  return [within, filter].filter((text) => text !== '').join(' AND ');
}

async function fields(expected: Expected, scope: CompletionScope, abort: AbortSignal): Promise<Options> {
  const query = {
    signal: expected.signal,
    search: expected.typed,
    filter: conditions(expected, scope),
    from: scope.from,
    to: scope.to,
  };
  const { data } = await ask<FieldsResponse>('/telemetry/fields', query, abort);
  const options = data.map((field) => fieldOption(field, expected.kind === 'field'));
  const keywords = expected.kind === 'field' && expected.typed !== '' ? ['AND', 'OR', 'NOT'] : [];
  return {
    options: [...options, ...keywords.map((label) => ({ label, type: 'keyword', boost: -99 }))],
    isWhole: data.length < MAX_ANSWERS,
  };
}

function fieldOption({ name, type, source }: Field, isCompared: boolean): Completion {
  const operator = type === 'duration' ? '>' : ':';
  const option = { label: name, type: source === 'field' ? 'property' : 'variable', detail: type };
  return isCompared ? { ...option, apply: inserting(name + operator) } : option;
}

async function values(expected: Expected, scope: CompletionScope, abort: AbortSignal): Promise<Options> {
  const query = {
    signal: expected.signal,
    field: expected.field,
    search: expected.typed,
    filter: conditions(expected, scope),
    from: scope.from,
    to: scope.to,
  };
  const { data } = await ask<FieldValuesResponse>('/telemetry/fields/values', query, abort);
  return { options: data.map((value) => ({ label: value, type: 'text', apply: formatValue(value) })), isWhole: false };
}

async function metrics(expected: Expected, abort: AbortSignal): Promise<Options> {
  const { data } = await ask<MetricNamesResponse>('/telemetry/metrics/names', { search: expected.typed }, abort);
  const options = data.slice(0, MAX_ANSWERS).map(({ name, unit, type }) => ({
    label: name,
    type: 'variable',
    detail: unit === '' ? type : `${type}, ${unit}`,
    apply: /^[\w.:\-/]+$/.test(name) ? name : JSON.stringify(name),
  }));
  return { options, isWhole: false };
}

/** Inserts the text and offers at once what belongs after it. */
function inserting(text: string) {
  return (view: EditorView, completion: Completion, from: number, to: number): void => {
    view.dispatch({
      changes: { from, to, insert: text },
      selection: { anchor: from + text.length },
      annotations: pickedCompletion.of(completion),
      userEvent: 'input.complete',
    });
    startCompletion(view);
  };
}

/** Completion is a help: without an answer there is none, and the query itself says what is wrong. */
async function ask<T extends { data: readonly unknown[] }>(
  path: string,
  query: Record<string, string>,
  abort: AbortSignal,
): Promise<T | { data: never[] }> {
  try {
    return await queryClient.fetchQuery({
      queryKey: ['completion', path, query],
      queryFn: () => api.get<T>(path, { query, signal: abort }),
      staleTime: FRESH_MS,
      retry: false,
    });
  } catch {
    return { data: [] };
  }
}
