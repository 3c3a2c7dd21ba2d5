import type { CompareOperator, TfqlExpression } from './ast.js';
import { Scanner } from './scanner.js';
import { TfqlSyntaxError } from './syntax-error.js';

const MAX_DEPTH = 50;
const MAX_TERMS = 200;

/**
 * Reads a TFQL filter.
 *
 *     expression := and (OR and)*
 *     and        := not ((AND)? not)*
 *     not        := (NOT | -)* primary
 *     primary    := ( expression ) | exists( field ) | field operator value | field:( values ) | text
 *     values     := the same shape over values: `a OR b`, `a, b`, `NOT c`, `>5`
 *
 * `field:*` asks for existence. Keywords are upper case, so that "and" can be searched for. At most 200 terms, 50 levels.
 *
 * @throws TfqlSyntaxError with position and suggestion.
 */
export function parseTfql(source: string): TfqlExpression {
  return new Parser(source).parse();
}

class Parser {
  private readonly scanner: Scanner;
  private depth = 0;
  private terms = 0;

  constructor(source: string) {
    this.scanner = new Scanner(source);
  }

  parse(): TfqlExpression {
    this.scanner.skipSpace();
    if (this.scanner.atEnd) return { kind: 'all' };
    const expression = this.alternatives(() => this.primary(), false);
    if (!this.scanner.atEnd) {
      throw this.error('unexpected ")"', 'remove it, or open a parenthesis before', 1);
    }
    return expression;
  }

  /** OR over AND over NOT, with `operand` as the innermost thing; lists of values reuse it with commas as OR. */
  private alternatives(operand: () => TfqlExpression, commas: boolean): TfqlExpression {
    const items: TfqlExpression[] = [];
    do {
      items.push(this.conjunction(operand, commas));
      this.scanner.skipSpace();
    } while (this.scanner.takeKeyword('OR') || (commas && this.scanner.take(',')));
    return join('or', items);
  }

  private conjunction(operand: () => TfqlExpression, commas: boolean): TfqlExpression {
    const items: TfqlExpression[] = [this.negation(operand)];
    for (;;) {
      this.scanner.skipSpace();
      if (this.scanner.takeKeyword('AND')) {
        items.push(this.negation(operand));
        continue;
      }
      if (this.scanner.atEnd || this.scanner.peek() === ')' || (commas && this.scanner.peek() === ',')) break;
      const before = this.scanner.position;
      if (this.scanner.takeKeyword('OR')) {
        this.scanner.position = before;
        break;
      }
      items.push(this.negation(operand));
    }
    return join('and', items);
  }

  private negation(operand: () => TfqlExpression): TfqlExpression {
    let negated = false;
    for (;;) {
      this.scanner.skipSpace();
      if (!this.scanner.takeKeyword('NOT') && !this.takeMinus()) break;
      negated = !negated;
    }
    const item = operand();
    return negated ? negate(item) : item;
  }

  /** A minus that touches what follows it. */
  private takeMinus(): boolean {
    const next = this.scanner.source.charAt(this.scanner.position + 1);
    return this.scanner.peek() === '-' && next !== '' && !/[\s)-]/u.test(next) && this.scanner.take('-');
  }

  private primary(): TfqlExpression {
    this.refuseDanglingKeyword();
    if (this.scanner.peek() === '(') return this.parenthesised(() => this.primary(), false);
    if (this.scanner.take('exists(')) return this.existsCall();
    const start = this.scanner.position;
    const head = this.scanner.takeFieldAndOperator();
    if (head !== undefined) {
      // A quoted "exists" is an attribute of that name.
      const asksExistence = head.operator === ':' && this.scanner.source.startsWith('exists', start);
      return asksExistence && head.field === 'exists' ? this.existsTerm() : this.comparison(head.field, head.operator);
    }
    const value = this.scanner.takeLiteral();
    if (value === undefined) {
      throw this.error(
        'expected a condition',
        'write field:value, or a word to search for',
        this.scanner.atEnd ? 0 : 1,
      );
    }
    this.countTerm(start);
    return { kind: 'text', value, at: { from: start, to: this.scanner.position } };
  }

  private parenthesised(operand: () => TfqlExpression, commas: boolean): TfqlExpression {
    const open = this.scanner.position;
    this.scanner.take('(');
    if (++this.depth > MAX_DEPTH)
      throw new TfqlSyntaxError('too many nested parentheses', open, 1, 'simplify the filter');
    const expression = this.alternatives(operand, commas);
    this.scanner.skipSpace();
    if (!this.scanner.take(')')) {
      throw new TfqlSyntaxError('the parenthesis that opens here is never closed', open, 1, 'add a closing )');
    }
    this.depth--;
    return expression;
  }

  private existsCall(): TfqlExpression {
    const from = this.scanner.position;
    this.scanner.skipSpace();
    const field = this.scanner.takeField();
    if (!field) throw this.error('expected a field name', 'write exists(http.route)', 1);
    const to = this.scanner.position;
    this.scanner.skipSpace();
    if (!this.scanner.take(')')) throw this.error('expected ")"', 'close exists( after the field name', 1);
    this.countTerm(from);
    return { kind: 'exists', field, at: { from, to } };
  }

  private comparison(field: string, operator: CompareOperator): TfqlExpression {
    this.scanner.skipSpace();
    if (operator === ':' && this.scanner.peek() === '(') {
      return this.parenthesised(() => this.listedValue(field), true);
    }
    return this.value(field, operator === ':' ? this.operatorAfterColon() : operator, '');
  }

  private existsTerm(): TfqlExpression {
    this.scanner.skipSpace();
    const from = this.scanner.position;
    const field = this.scanner.takeField();
    if (!field) throw this.error('expected a field name', 'write exists:http.route', this.scanner.atEnd ? 0 : 1);
    this.countTerm(from);
    return { kind: 'exists', field, at: { from, to: this.scanner.position } };
  }

  private listedValue(field: string): TfqlExpression {
    this.refuseDanglingKeyword();
    if (this.scanner.peek() === '(') return this.parenthesised(() => this.listedValue(field), true);
    return this.value(field, this.operatorAfterColon(), ',');
  }

  /** `duration:>5s`, `severity:>=warn`, `name:!x`, `name:~^GET`: the operator may follow the colon. */
  private operatorAfterColon(): CompareOperator {
    for (const operator of ['>=', '<=', '!=', '!~', '>', '<', '=', '~'] as const) {
      if (this.scanner.take(operator)) {
        this.scanner.skipSpace();
        return operator;
      }
    }
    return this.scanner.take('!') ? '!=' : ':';
  }

  private value(field: string, operator: CompareOperator, delimiter: string): TfqlExpression {
    const from = this.scanner.position;
    const value = operator === '~' || operator === '!~' ? this.pattern(delimiter) : this.scanner.takeLiteral(delimiter);
    if (value === undefined) {
      throw this.error(
        `expected a value for ${field}`,
        'write a word, a number or "quoted text"',
        this.scanner.atEnd ? 0 : 1,
      );
    }
    const at = { from, to: this.scanner.position };
    this.countTerm(from);
    if (operator === ':' && !value.quoted && value.text === '*') return { kind: 'exists', field, at };
    return { kind: 'compare', field, operator, value, at };
  }

  /** A regular expression: its own parentheses belong to it as long as they balance. */
  private pattern(delimiter: string) {
    if (this.scanner.peek() === '"') return this.scanner.takeLiteral();
    const start = this.scanner.position;
    for (let open = 0; !this.scanner.atEnd; this.scanner.position++) {
      const character = this.scanner.peek();
      if (/\s/u.test(character) || character === delimiter || (character === ')' && open === 0)) break;
      if (character === '(') open++;
      if (character === ')') open--;
    }
    const text = this.scanner.source.slice(start, this.scanner.position);
    return text === '' ? undefined : { text, quoted: false };
  }

  private refuseDanglingKeyword(): void {
    const start = this.scanner.position;
    for (const keyword of ['AND', 'OR']) {
      if (!this.scanner.takeKeyword(keyword)) continue;
      throw new TfqlSyntaxError(
        `expected a condition before ${keyword}`,
        start,
        keyword.length,
        `remove it, or write "${keyword}" in quotes to search for the word`,
      );
    }
  }

  private countTerm(position: number): void {
    if (++this.terms > MAX_TERMS) {
      throw new TfqlSyntaxError(`more than ${MAX_TERMS} conditions`, position, 1, 'use fewer conditions');
    }
  }

  private error(problem: string, suggestion: string, length: number): TfqlSyntaxError {
    return new TfqlSyntaxError(problem, this.scanner.position, length, suggestion);
  }
}

function join(kind: 'and' | 'or', items: readonly TfqlExpression[]): TfqlExpression {
  const flat = items.flatMap((item) => (item.kind === kind ? item.items : [item]));
  const [only] = flat;
  return flat.length === 1 && only !== undefined ? only : { kind, items: flat };
}

function negate(item: TfqlExpression): TfqlExpression {
  return item.kind === 'not' ? item.item : { kind: 'not', item };
}
