import type { SyntaxNode } from '@lezer/common';
import {
  MAX_AGGREGATIONS,
  MAX_GROUP_KEYS,
  MAX_QUERIES,
  type QueryFormula,
  type QueryPart,
  type QuerySignal,
} from '../query.js';
import { aggregationOf, sortOf } from './aggregation-parser.js';
import { formatTfql } from './format.js';
import { expressionOf, join, nameOf } from './parser.js';
import { matcherExpression } from './prometheus.js';
import { DEFAULT_LIMIT, DURATION, QUERY_LABELS, type TfqlQuery } from './query-model.js';
import { readTree } from './syntax.js';
import { TfqlSyntaxError } from './syntax-error.js';

const MAX_FORMULAS = 8;
const MAX_LIMIT = 1000;

/**
 * Reads statements such as `spans service.name:checkout | p95(duration) by http.route every 1m`, one per line or separated
 * by `;`. Statements without a label get the next free letter. Filters come out in canonical form.
 *
 * @throws TfqlSyntaxError with position and suggestion
 */
export function parseQuery(source: string): TfqlQuery {
  return new StatementReader(source).read();
}

class StatementReader {
  private readonly queries: QueryPart[] = [];
  private readonly formulas: QueryFormula[] = [];
  private readonly labelled = new Set<string>();
  private step: { text: string; node: SyntaxNode } | undefined;
  private compare: { text: string; node: SyntaxNode } | undefined;

  constructor(private readonly source: string) {}

  read(): TfqlQuery {
    const program = readTree(this.source, 'statements').topNode;
    const statements = children(program).filter(({ name }) => name === 'Query' || name === 'FormulaStatement');
    for (const statement of statements) this.reserve(statement.getChild('Label'));
    for (const statement of statements) if (statement.name === 'Query') this.query(statement);
    for (const statement of statements) if (statement.name === 'FormulaStatement') this.formula(statement);
    if (this.queries.length === 0) {
      const suggestion = 'write one, such as spans service.name:checkout | p95(duration) by http.route';
      throw new TfqlSyntaxError('expected a query', this.source.length, 0, suggestion);
    }
    const { queries, formulas } = this;
    return { queries, formulas, step: this.step?.text ?? 'auto', compare: this.compare?.text ?? '' };
  }

  private text(node: SyntaxNode): string {
    return this.source.slice(node.from, node.to);
  }

  private reserve(label: SyntaxNode | null): void {
    if (label === null) return;
    const text = this.text(label);
    if (this.labelled.has(text)) throw problem(label, `${text} is there already`, 'use another label');
    this.labelled.add(text);
  }

  private label(statement: SyntaxNode): string {
    const node = statement.getChild('Label');
    const text = node === null ? QUERY_LABELS.find((letter) => !this.labelled.has(letter)) : this.text(node);
    if (text === undefined || this.queries.length === MAX_QUERIES) {
      throw problem(statement, `more than ${MAX_QUERIES} queries`, 'ask for the others in another request');
    }
    if (!/^[A-H]$/.test(text))
      throw problem(node ?? statement, `${text} can't label a query`, 'use a letter from A to H');
    this.labelled.add(text);
    return text;
  }

  private query(statement: SyntaxNode): void {
    const label = this.label(statement);
    const source = statement.getChild('Source') ?? statement;
    const signal = this.text(source.firstChild ?? source) as QuerySignal;
    const metric = source.getChild('MetricName');
    const part: QueryPart = {
      label,
      signal,
      metric: metric === null ? '' : nameOf(metric, this.source),
      filter: this.sourceFilter(source),
      aggregations: [],
      groupBy: [],
      limit: DEFAULT_LIMIT,
      fields: [],
      hidden: false,
    };
    this.queries.push(part);
    const sorts: SyntaxNode[] = [];
    for (const stage of children(statement)) this.stage(stage, part, sorts);
    const sort = sorts.at(-1);
    if (sort !== undefined) part.order = sortOf(sort, part, this.source);
  }

  private sourceFilter(source: SyntaxNode): string {
    const condition = expressionOf(source.lastChild ?? source, this.source);
    const matchers = (source.getChild('Selectors')?.getChildren('Matcher') ?? []).map((matcher) =>
      matcherExpression(matcher, this.source),
    );
    const all = condition.kind === 'all' ? matchers : [...matchers, condition];
    return all.length === 0 ? '' : formatTfql(join('and', all));
  }

  private stage(stage: SyntaxNode, part: QueryPart, sorts: SyntaxNode[]): void {
    if (stage.name === 'Aggregate') this.aggregate(stage, part);
    else if (stage.name === 'Fields') part.fields.push(...this.keys(stage, 50));
    else if (stage.name === 'Hide') part.hidden = true;
    else if (stage.name === 'Compare') this.compare = this.agreed(this.compare, stage.getChild('Duration'), false);
    else if (stage.name === 'Sort') sorts.push(stage);
    else if (stage.name === 'Top' || stage.name === 'Limit') {
      part.limit = this.limit(stage.getChild('Number') ?? stage);
      if (stage.getChild('SortKey')) sorts.push(stage);
    }
  }

  private aggregate(stage: SyntaxNode, part: QueryPart): void {
    for (const node of stage.getChildren('Aggregation')) {
      if (part.aggregations.length === MAX_AGGREGATIONS) {
        throw problem(node, `more than ${MAX_AGGREGATIONS} aggregations`, 'ask for the others in another query');
      }
      part.aggregations.push(aggregationOf(node, part.signal, this.source));
    }
    const by = stage.getChild('By');
    if (by) part.groupBy.push(...this.keys(by, MAX_GROUP_KEYS - part.groupBy.length));
    const every = stage.getChild('Every')?.getChild('Duration');
    if (every) this.step = this.agreed(this.step, every, true);
  }

  private keys(node: SyntaxNode, most: number): string[] {
    const keys = node.getChildren('Key');
    const over = keys[most];
    if (over !== undefined) throw problem(over, 'too many keys', `use at most ${most}`);
    return keys.map((key) => nameOf(key, this.source));
  }

  private limit(node: SyntaxNode): number {
    const value = Number(this.text(node));
    if (Number.isInteger(value) && value >= 1 && value <= MAX_LIMIT) return value;
    throw problem(node, `${this.text(node)} is no limit`, `use a whole number from 1 to ${MAX_LIMIT}`);
  }

  /** The step and the compared period belong to all queries together. */
  private agreed(before: { text: string; node: SyntaxNode } | undefined, node: SyntaxNode | null, isStep: boolean) {
    if (node === null) return before;
    const text = this.text(node);
    if (!DURATION.test(text) && !(isStep && (text === 'auto' || text === 'none'))) {
      const examples = isStep ? 'write 30s, 5m, 1h, 1d, auto or none' : 'write 1h, 1d or 7d';
      throw problem(node, `${text} is no duration`, examples);
    }
    if (before !== undefined && before.text !== text) {
      const what = isStep ? 'step' : 'compared period';
      throw problem(node, `another ${what} than ${before.text}`, 'use the same in all queries');
    }
    return { text, node };
  }

  private formula(statement: SyntaxNode): void {
    const label = statement.getChild('Label') ?? statement;
    const name = this.text(label);
    const formula = statement.getChild('Formula') ?? statement;
    if (/^[A-H]$/.test(name)) {
      throw problem(formula, 'expected spans, logs, traces or metrics', `label a formula F1 to F${MAX_FORMULAS}`);
    }
    if (!/^F[1-8]$/.test(name)) throw problem(label, `${name} can't label a formula`, `use F1 to F${MAX_FORMULAS}`);
    for (const reference of descendants(formula, 'Reference')) this.reference(reference);
    const alias = statement.getChild('As')?.lastChild;
    const expression = formulaText(formula, this.source);
    this.formulas.push({ label: name, expression, alias: alias ? nameOf(alias, this.source) : '' });
  }

  private reference(node: SyntaxNode): void {
    const [label = ''] = this.text(node).split('.');
    if (this.labelled.has(label) && /^[A-H]$/.test(label)) return;
    const isLetter = QUERY_LABELS.some((letter) => letter === label);
    const suggestion = isLetter ? `label a query with ${label} =` : 'use the labels of queries, A to H';
    throw problem(node, `no query is labelled ${label}`, suggestion);
  }
}

/** With single spaces around operators; none inside parentheses and after a sign. */
function formulaText(formula: SyntaxNode, source: string): string {
  let text = '';
  let isOperand = false;
  const visit = (node: SyntaxNode): void => {
    for (const child of children(node)) {
      const token = source.slice(child.from, child.to);
      if (child.name === 'ArithmeticOp') {
        text += isOperand ? ` ${token} ` : token;
        isOperand = false;
      } else {
        text += token;
        isOperand = token !== '(';
      }
    }
  };
  visit(formula);
  return text;
}

function children(node: SyntaxNode): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) found.push(child);
  return found;
}

function descendants(node: SyntaxNode, name: string): SyntaxNode[] {
  return children(node).flatMap((child) => (child.name === name ? [child] : descendants(child, name)));
}

function problem(node: SyntaxNode, text: string, suggestion: string): TfqlSyntaxError {
  return new TfqlSyntaxError(text, node.from, Math.max(1, node.to - node.from), suggestion);
}
