import type { CompareOperator, Literal } from './ast.js';
import { TfqlSyntaxError } from './syntax-error.js';

/** Longest first: `>=` before `>`. */
const OPERATORS: readonly CompareOperator[] = ['!=', '!~', '>=', '<=', ':', '=', '>', '<', '~'];
const FIELD_START = /[\p{L}\p{N}_@$]/u;
const FIELD_PART = /[\p{L}\p{N}_@$.\-/]/u;
const SPACE = /\s/u;
/** What ends an unquoted literal. */
const DELIMITER = /[\s()"]/u;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '"': '"', '\\': '\\' };

/**
 * A cursor over the source that knows TFQL's lexemes. What a character means depends on where it stands (`/a:b` is a
 * value, `a:b` a comparison), so the parser asks for what it expects instead of reading a list of tokens.
 */
export class Scanner {
  position = 0;

  constructor(readonly source: string) {}

  get atEnd(): boolean {
    return this.position >= this.source.length;
  }

  peek(): string {
    return this.source.charAt(this.position);
  }

  skipSpace(): void {
    while (!this.atEnd && SPACE.test(this.peek())) this.position++;
  }

  /** Consumes the exact text, if it stands here. */
  take(text: string): boolean {
    if (!this.source.startsWith(text, this.position)) return false;
    this.position += text.length;
    return true;
  }

  /** Consumes an upper-case word that ends at a space, a parenthesis or the end. */
  takeKeyword(word: string): boolean {
    if (!this.source.startsWith(word, this.position)) return false;
    const next = this.source.charAt(this.position + word.length);
    if (next !== '' && !/[\s()"]/u.test(next)) return false;
    this.position += word.length;
    return true;
  }

  /**
   * A field name and the operator after it, or nothing (and nothing consumed) when free text stands here. Spaces may
   * surround the operator, except before a colon.
   */
  takeFieldAndOperator(): { field: string; operator: CompareOperator } | undefined {
    const start = this.position;
    const field = this.takeField();
    if (field !== undefined) {
      const touching = this.position;
      this.skipSpace();
      const operator = OPERATORS.find((o) => this.source.startsWith(o, this.position));
      if (operator !== undefined && (operator !== ':' || touching === this.position)) {
        this.position += operator.length;
        return { field, operator };
      }
    }
    this.position = start;
    return undefined;
  }

  /** `http.route`, `attributes."a key"` or `"a key"`; undefined when no name starts here. */
  takeField(): string | undefined {
    let name = '';
    if (this.peek() !== '"') {
      const first = this.character();
      if (!FIELD_START.test(first)) return undefined;
      while (!this.atEnd && FIELD_PART.test(this.character())) {
        name += this.character();
        this.position += this.character().length;
      }
    }
    if (this.peek() === '"' && (name === '' || name.endsWith('.'))) name += this.takeQuoted();
    return name;
  }

  /** A quoted or bare literal; undefined when a delimiter stands here. `extraDelimiter` ends a bare one too. */
  takeLiteral(extraDelimiter = ''): Literal | undefined {
    if (this.peek() === '"') return { text: this.takeQuoted(), quoted: true };
    const start = this.position;
    while (!this.atEnd && !DELIMITER.test(this.peek()) && this.peek() !== extraDelimiter) this.position++;
    return this.position === start ? undefined : { text: this.source.slice(start, this.position), quoted: false };
  }

  private takeQuoted(): string {
    const start = this.position;
    let text = '';
    this.position++;
    while (!this.atEnd) {
      const character = this.peek();
      this.position++;
      if (character === '"') return text;
      if (character !== '\\') {
        text += character;
        continue;
      }
      const escaped = ESCAPES[this.peek()];
      if (escaped === undefined) {
        throw new TfqlSyntaxError(
          'unknown escape',
          this.position - 1,
          2,
          'write \\" or \\\\ for a quote or a backslash',
        );
      }
      text += escaped;
      this.position++;
    }
    throw new TfqlSyntaxError('the quote that opens here is never closed', start, 1, 'add a closing "');
  }

  private character(): string {
    const codePoint = this.source.codePointAt(this.position);
    return codePoint === undefined ? '' : String.fromCodePoint(codePoint);
  }
}
