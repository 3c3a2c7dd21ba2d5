import { ExternalTokenizer, type InputStream, type Stack } from '@lezer/lr';
import { Lexeme } from './lexeme.js';
import { FORMULA_OPERATORS, FUNCTION_WORDS, RECORD_SIGNALS, STAGE_WORDS } from './words.js';
import type { Surroundings } from './surroundings.js';
import * as t from './tables.terms.js';

export { surroundings } from './surroundings.js';

/** At most one of them can stand where something is left out; a filter is asked for before what follows it. */
const MISSING = [
  t.MissingCondition,
  t.MissingValue,
  t.MissingKey,
  t.MissingMetric,
  t.MissingOperator,
  t.MissingOperand,
  t.MissingStage,
  t.MissingFunction,
  t.MissingNumber,
  t.MissingAlias,
  t.MissingDuration,
  t.MissingClose,
];
/** Longest first: `>=` before `>`. */
const OPERATORS = ['!=', '!~', '>=', '<=', ':', '=', '>', '<', '~'] as const;
const AFTER_COLON = ['!=', '!~', '>=', '<=', '=', '>', '<', '~', '!'] as const;
const PROMETHEUS_OPERATORS = ['=~', '!~', '!=', '='] as const;
const NUMBER = /^-?(?:\d+\.?\d*|\.\d+)(?:[a-zA-Zµμ]+)?$/;
const NAME = /[\p{L}\p{N}_]/u;

/** Makes every token of TFQL from what the parser can take at that place. */
export const tokens = new ExternalTokenizer((input, stack) => new Reader(input, stack).read(), { contextual: true });

class Reader {
  private readonly lexeme: Lexeme;
  private readonly around: Surroundings;
  /** Where `|`, `;` and line ends are structure. */
  private readonly isOutside: boolean;

  constructor(
    private readonly input: InputStream,
    private readonly stack: Stack,
  ) {
    this.lexeme = new Lexeme(input);
    this.around = stack.context as Surroundings;
    this.isOutside = stack.dialectEnabled(t.Dialect_statements) && this.around.open === 0 && this.around.list === 0;
  }

  read(): void {
    const blank = this.lexeme.spaces();
    if (blank > 0) this.space(blank);
    else if (!this.structure() && !this.statement() && !this.filter()) this.missing();
  }

  private can(term: number): boolean {
    return this.stack.canShift(term);
  }

  /** Accepts so many characters as the term, if there are any and the parser can take it. */
  private take(term: number, length: number): boolean {
    if (length === 0 || !this.can(term)) return false;
    this.input.acceptToken(term, length);
    return true;
  }

  private missing(): void {
    const term = MISSING.find((candidate) => this.can(candidate));
    if (term !== undefined) this.input.acceptToken(term);
  }

  /** A line end separates statements, unless the next line goes on with `|` or something is still to come. */
  private space(length: number): void {
    const next = this.lexeme.at(length);
    const ends = this.isOutside && /[\n\r]/.test(this.lexeme.text(length)) && next !== '' && next !== '|';
    if (ends && this.around.optional && this.can(t.MissingCondition)) this.input.acceptToken(t.MissingCondition);
    else this.input.acceptToken(ends && this.can(t.Separator) ? t.Separator : t.space, length);
  }

  private structure(): boolean {
    const character = this.lexeme.at(0);
    if (character === '(') return this.take(t.ListOpen, 1) || this.take(t.ParenOpen, 1);
    if (character === ')') return this.take(t.ParenClose, 1);
    if (character === ',' && (this.around.list > 0 || !this.can(t.FieldName))) return this.take(t.Comma, 1);
    if (character === ',' && this.around.where && this.around.open === 0) return this.take(t.Comma, 1);
    if (this.isOutside && character === '|') return this.take(t.Pipe, 1);
    if (this.isOutside && character === ';') return this.take(t.Separator, 1);
    return false;
  }

  private statement(): boolean {
    if (!this.stack.dialectEnabled(t.Dialect_statements)) return false;
    return this.begin() || this.selectors() || this.formula() || this.stage() || this.modifier();
  }

  /** `A =`, the signal and a metric's name. */
  private begin(): boolean {
    const word = this.lexeme.run(NAME);
    const text = this.lexeme.text(word);
    if (this.can(t.Label) && word > 0 && this.lexeme.at(this.lexeme.spaces(word)) === '=')
      return this.take(t.Label, word);
    if (this.can(t.Equals)) return this.take(t.Equals, this.lexeme.at(0) === '=' ? 1 : 0);
    if (this.can(t.RecordSignal)) {
      if (RECORD_SIGNALS.has(text)) return this.take(t.RecordSignal, word);
      if (text === 'metrics') return this.take(t.MetricSignal, word);
      if (!this.can(t.Reference) || /^[A-Za-z]{2}/.test(text))
        return this.take(t.UnknownSignal, Math.max(word, this.bare()));
    }
    if (!this.can(t.MetricName)) return false;
    return this.take(t.MetricName, this.lexeme.quoted() || this.lexeme.run(/[\w.:\-/]/));
  }

  /** What stands in a metric's braces, as Prometheus writes it. */
  private selectors(): boolean {
    if (this.lexeme.at(0) === '{' && this.can(t.BraceOpen)) return this.take(t.BraceOpen, 1);
    if (this.lexeme.at(0) === '}' && this.can(t.BraceClose)) return this.take(t.BraceClose, 1);
    if (this.can(t.PromOp)) return this.take(t.PromOp, this.lexeme.oneOf(PROMETHEUS_OPERATORS)?.length ?? 0);
    return false;
  }

  private formula(): boolean {
    if (this.can(t.Reference)) {
      const name = this.lexeme.run(/[A-Za-z0-9_]/);
      if (/^[A-Za-z]/.test(this.lexeme.at(0))) return this.take(t.Reference, this.position(name));
      const number = this.exponent(this.lexeme.run(/[\d.]/));
      if (number > 0) return this.take(t.Number, number);
    }
    return this.can(t.ArithmeticOp) && FORMULA_OPERATORS.has(this.lexeme.at(0)) && this.take(t.ArithmeticOp, 1);
  }

  /** `1.5e-3`, where a number ends at the `e`. */
  private exponent(end: number): number {
    if (end === 0 || !/[eE]/.test(this.lexeme.at(end))) return end;
    const digits = end + (/[+-]/.test(this.lexeme.at(end + 1)) ? 2 : 1);
    const after = this.lexeme.run(/\d/, digits);
    return after > digits ? after : end;
  }

  /** `A.2`: its second aggregation. */
  private position(end: number): number {
    const digits = this.lexeme.at(end) === '.' ? this.lexeme.run(/\d/, end + 1) : 0;
    return digits > end + 1 ? digits : end;
  }

  private stage(): boolean {
    const word = this.lexeme.run(NAME);
    const text = this.lexeme.text(word);
    const isFunction = FUNCTION_WORDS.has(text);
    if (this.can(t.MissingStage)) {
      const keyword = this.lexeme.at(word) === '(' ? undefined : STAGE_WORDS.get(text);
      if (keyword !== undefined) return this.take(keyword, word);
      return isFunction ? this.take(t.Function, word) : this.take(t.UnknownStage, this.stageEnd());
    }
    if (this.can(t.MissingFunction)) {
      return isFunction ? this.take(t.Function, word) : this.take(t.UnknownFunction, Math.max(word, this.bare()));
    }
    // A key to sort by may have a function's name.
    return isFunction && this.can(t.Function) && this.lexeme.field() === word && this.take(t.Function, word);
  }

  private stageEnd(): number {
    const end = this.lexeme.run(/[^|;\n\r]/);
    return this.lexeme.text(end).trimEnd().length;
  }

  /** What may follow a function or a key: its filter, its name, the keys of groups, the direction. */
  private modifier(): boolean {
    const word = this.lexeme.run(NAME);
    const text = this.lexeme.text(word);
    // `by=x` is a condition on a field of that name.
    const term = this.isOutside && this.isWordEnd(word) ? MODIFIERS.get(text) : undefined;
    if (term !== undefined && this.can(term) && !this.can(t.Alias)) return this.take(term, word);
    if (term !== undefined && this.around.where && ENDS_WHERE.has(text) && this.can(t.MissingCondition)) {
      this.missing();
      return true;
    }
    if (this.can(t.Alias)) return this.take(t.String, this.lexeme.quoted()) || this.take(t.Alias, this.bare(','));
    if (this.can(t.Duration)) return this.take(t.Duration, this.bare(','));
    return this.can(t.MissingNumber) && this.take(t.Number, this.number());
  }

  private number(): number {
    const end = this.lexeme.run(/[\d.]/);
    return FIELD_GOES_ON.test(this.lexeme.at(end)) ? 0 : end;
  }

  private filter(): boolean {
    if (this.can(t.Key)) {
      if (this.can(t.Number) && this.take(t.Number, this.number())) return true;
      return this.take(t.Key, this.lexeme.field());
    }
    if (this.can(t.Colon)) return this.operator(OPERATORS);
    if (this.can(t.Pattern)) return this.take(t.String, this.lexeme.quoted()) || this.take(t.Pattern, this.pattern());
    if (KEYWORDS.some(([, term]) => this.can(term))) {
      const keyword = this.keyword();
      if (keyword !== undefined) return keyword;
    }
    if (this.can(t.CompareOp) && this.operator(AFTER_COLON)) return true;
    if (this.can(t.FieldName) && this.condition()) return true;
    return this.literal();
  }

  private operator(among: readonly string[]): boolean {
    const operator = this.lexeme.oneOf(among);
    if (operator === undefined) return false;
    if (operator === ':') return this.take(t.Colon, 1);
    return this.take(operator.endsWith('~') ? t.PatternOp : t.CompareOp, operator.length);
  }

  /** `AND`, `OR`, `NOT`, or a minus that touches what follows it; false where a condition is missing before one. */
  private keyword(): boolean | undefined {
    for (const [word, term] of KEYWORDS) {
      if (!this.lexeme.startsWith(word) || !this.isWordEnd(word.length)) continue;
      if (this.can(term)) return this.take(term, word.length);
      return false;
    }
    const next = this.lexeme.at(1);
    if (this.lexeme.at(0) === '-' && next !== '' && !/[\s)-]/u.test(next) && this.take(t.Minus, 1)) return true;
    return undefined;
  }

  private isWordEnd(offset: number): boolean {
    const next = this.lexeme.at(offset);
    return next === '' || /[\s()"]/u.test(next) || this.isStop(next);
  }

  private condition(): boolean {
    if (this.lexeme.startsWith('exists(')) return this.take(t.ExistsOpen, 7);
    if (this.lexeme.startsWith('exists:')) return this.take(t.ExistsColon, 7);
    const field = this.lexeme.field();
    if (field === 0) return false;
    const gap = this.lexeme.spaces(field);
    if (this.isOutside && /[\n\r]/.test(this.lexeme.text(gap).slice(field))) return false;
    const operator = this.lexeme.oneOf(OPERATORS, gap);
    return operator !== undefined && (operator !== ':' || gap === field) && this.take(t.FieldName, field);
  }

  private literal(): boolean {
    const quoted = this.lexeme.quoted();
    if (quoted > 0) return this.take(t.String, quoted);
    const end = this.bare();
    const term = NUMBER.test(this.lexeme.text(end)) && this.can(t.Number) ? t.Number : t.Word;
    return this.take(term, end);
  }

  /** What ends an unquoted literal here, besides spaces, parentheses and quotes. */
  private isStop(character: string): boolean {
    if (character === ',') return this.around.list > 0 || (this.around.where && this.isOutside);
    return this.isOutside && (character === '|' || character === ';');
  }

  private bare(stop = ''): number {
    let end = 0;
    for (; ; end++) {
      const character = this.lexeme.at(end);
      if (character === '' || character === stop || /[\s()"]/u.test(character) || this.isStop(character)) return end;
    }
  }

  /** A regular expression: its own parentheses belong to it as long as they balance. */
  private pattern(): number {
    let end = 0;
    for (let open = 0; ; end++) {
      const character = this.lexeme.at(end);
      if (character === '' || /\s/u.test(character)) return end;
      const isStop = this.isStop(character) && (open === 0 || this.around.list > 0);
      if (isStop || (character === ')' && open === 0)) return end;
      if (character === '(') open++;
      if (character === ')') open--;
    }
  }
}

const FIELD_GOES_ON = /[\p{L}\p{N}_@$.\-/"]/u;
const ENDS_WHERE = new Set(['as', 'by', 'every']);
const KEYWORDS = [
  ['AND', t.AndOp],
  ['OR', t.OrOp],
  ['NOT', t.NotOp],
] as const;
const MODIFIERS = new Map([
  ['where', t.WhereWord],
  ['as', t.AsWord],
  ['by', t.ByWord],
  ['every', t.EveryWord],
  ['asc', t.Direction],
  ['desc', t.Direction],
]);
