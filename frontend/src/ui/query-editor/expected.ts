import { parseTfql, tfqlFilterParser, tfqlStatementParser, type TfqlSignal } from '@telemetryflow/contracts';

export type EditorMode = 'filter' | 'statement';
/** What can be written at a place; `key` is a field without a comparison, `modifier` what follows an aggregation. */
export type ExpectedKind =
  | 'field'
  | 'key'
  | 'label'
  | 'value'
  | 'signal'
  | 'metric'
  | 'stage'
  | 'function'
  | 'modifier'
  | 'direction'
  | 'sort'
  | 'duration';

export interface Expected {
  readonly kind: ExpectedKind;
  /** Of the text that a completion replaces. */
  readonly from: number;
  readonly to: number;
  /** What of it stands before the cursor, without quotes. */
  readonly typed: string;
  /** Of `value`. */
  readonly field: string;
  readonly signal: TfqlSignal;
  /** Of `sort`: what the statement computes and groups by. */
  readonly sortable: readonly string[];
  /** The other conditions that hold where the cursor is, as a filter. */
  readonly filter: string;
}

type Node = ReturnType<typeof tfqlFilterParser.parse>['topNode'];

const BY_LEAF: Readonly<Record<string, ExpectedKind>> = {
  MissingCondition: 'field',
  MissingValue: 'value',
  MissingKey: 'key',
  Key: 'key',
  MissingOperand: 'signal',
  UnknownSignal: 'signal',
  RecordSignal: 'signal',
  MetricSignal: 'signal',
  MissingMetric: 'metric',
  MetricName: 'metric',
  MissingStage: 'stage',
  UnknownStage: 'stage',
  Function: 'stage',
  MissingFunction: 'function',
  UnknownFunction: 'function',
  MissingDuration: 'duration',
  Duration: 'duration',
};
const VALUES = new Set(['Word', 'Number', 'String']);

/** What belongs at `position` of the text; null where nothing can be offered (a regular expression, a number). */
export function expectedAt(text: string, position: number, mode: EditorMode, signal: TfqlSignal): Expected | null {
  const parser = mode === 'filter' ? tfqlFilterParser : tfqlStatementParser;
  const before = text.slice(0, position);
  const leaf = lastLeaf(parser.parse(before).topNode, before);
  const kind = leaf === null ? (mode === 'filter' ? 'field' : 'signal') : kindAt(leaf, position);
  if (kind === null) return null;
  const isTouching = leaf !== null && leaf.to === position && !/^[({,:-]$/.test(before.slice(leaf.from));
  const from = isTouching && leaf !== null ? leaf.from : position;
  const whole = parser.parse(text);
  const here = whole.resolveInner(from, 1);
  const written = before.slice(from);
  return {
    kind,
    from,
    to: here.from === from && here.to > position && isTouching ? here.to : position,
    typed: written.replace(/^"/, '').replaceAll(/\\(.)/g, '$1'),
    field: kind === 'value' && leaf !== null ? fieldOf(leaf, before) : '',
    signal: mode === 'filter' ? signal : signalAt(leaf, before),
    sortable: kind === 'sort' ? sortableAt(whole.topNode, text, from) : [],
    filter: otherConditions(whole.topNode, text, from),
  };
}

/** Closing parentheses that are missing say nothing, nor does a filter that may follow a word that is being written. */
function lastLeaf(top: Node, before: string): Node | null {
  const leaves: Node[] = [];
  const visit = (node: Node): void => {
    if (!node.firstChild && node !== top) leaves.push(node);
    for (let child = node.firstChild; child; child = child.nextSibling) visit(child);
  };
  visit(top);
  const isWriting = /[^\s(-]$/u.test(before);
  for (;;) {
    const [beforeLast, last] = [leaves.at(-2)?.name, leaves.at(-1)?.name];
    const isFollowing = isWriting || beforeLast === 'MissingMetric' || beforeLast === 'MissingClose';
    if (last !== 'MissingClose' && !(last === 'MissingCondition' && leaves.length > 1 && isFollowing)) break;
    leaves.pop();
  }
  return leaves.at(-1) ?? null;
}

function kindAt(leaf: Node, position: number): ExpectedKind | null {
  const parent = leaf.parent?.name;
  const isTouching = leaf.to === position;
  if (leaf.from === leaf.to || isTouching) {
    if (leaf.name === 'MissingKey' || leaf.name === 'Key') return keyKind(parent);
    const kind = BY_LEAF[leaf.name];
    if (kind === 'value' && isPattern(leaf)) return null;
    if (kind !== undefined) return parent === 'Aggregated' ? 'sort' : kind;
  }
  if (isTouching) {
    if (leaf.name === 'BraceOpen' || (leaf.name === 'Comma' && parent === 'Selectors')) return 'label';
    if (leaf.name === 'ParenOpen' && parent === 'Arguments') return 'key';
    if (!VALUES.has(leaf.name)) return null;
    if (parent === 'FreeText') return leaf.name === 'String' ? null : 'field';
    return parent === 'Comparison' || parent === 'ListedValue' || parent === 'Matcher' ? 'value' : null;
  }
  return afterComplete(leaf);
}

function keyKind(parent: string | undefined): ExpectedKind {
  if (parent === 'Matcher') return 'label';
  return parent === 'SortKey' ? 'sort' : 'key';
}

/** After something complete and a space: another condition, or what may follow an aggregation or a key to sort by. */
function afterComplete(leaf: Node): ExpectedKind | null {
  for (let node: Node | null = leaf; node; node = node.parent) {
    if (node.name === 'Where' || node.name === 'Source' || node.name === 'Filter') return 'field';
    if (node.name === 'Selectors') return 'label';
    if (node.name === 'Aggregate') return 'modifier';
    if (node.name === 'Sort' || node.name === 'SortKey') return 'direction';
  }
  return null;
}

function isPattern(leaf: Node): boolean {
  return leaf.parent?.getChild('PatternOp') != null;
}

function fieldOf(leaf: Node, text: string): string {
  for (let node: Node | null = leaf.parent; node; node = node.parent) {
    const name = node.getChild('FieldName') ?? node.getChild('Key');
    if (name) return text.slice(name.from, name.to).replaceAll('"', '');
  }
  return '';
}

function signalAt(leaf: Node | null, text: string): TfqlSignal {
  for (let node: Node | null = leaf; node; node = node.parent) {
    const source = node.name === 'Source' ? node : node.getChild('Source');
    const word = source?.firstChild;
    if (!word) continue;
    const signal = text.slice(word.from, word.to);
    return signal === 'logs' || signal === 'metrics' ? signal : 'spans';
  }
  return 'spans';
}

function statementAt(top: Node, position: number): Node | undefined {
  return top.getChildren('Query').findLast(({ from }) => from <= position);
}

/** Aggregations by their names or as they are written, and group keys. */
function sortableAt(top: Node, text: string, position: number): string[] {
  const stages = statementAt(top, position)?.getChildren('Aggregate') ?? [];
  const written = (node: Node) => text.slice(node.from, node.to);
  const computed = stages.flatMap((stage) =>
    stage.getChildren('Aggregation').map((node) => {
      const alias = node.getChild('As')?.lastChild;
      return alias ? written(alias) : text.slice(node.from, (node.getChild('Arguments') ?? node.firstChild ?? node).to);
    }),
  );
  return [...computed, ...stages.flatMap((stage) => stage.getChild('By')?.getChildren('Key').map(written) ?? [])];
}

/** The conditions of the filter around the place that are all demanded, without the one that is being written. */
function otherConditions(top: Node, text: string, position: number): string {
  let around: Node | null = top;
  if (top.name === 'Program') around = statementAt(top, position)?.getChild('Source') ?? null;
  const condition = around?.name === 'Source' && around.firstChild === around.lastChild ? null : around?.lastChild;
  if (!condition) return '';
  const items: string[] = [];
  const first = condition.name === 'And' ? condition.firstChild : condition;
  for (let node: Node | null = first; node; node = node === condition ? null : node.nextSibling) {
    const isBeingWritten = node.from <= position && position <= node.to;
    const item = text.slice(node.from, node.to);
    if (!isBeingWritten && node.name !== 'AndOp' && isReadable(item))
      items.push(node.name === 'Or' ? `(${item})` : item);
  }
  return items.join(' AND ');
}

function isReadable(filter: string): boolean {
  try {
    return parseTfql(filter).kind !== 'all';
  } catch {
    return false;
  }
}
