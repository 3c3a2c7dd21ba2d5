import type { InputStream } from '@lezer/lr';

const FIELD_START = /[\p{L}\p{N}_@$]/u;
const FIELD_PART = /[\p{L}\p{N}_@$.\-/]/u;
const SPACE = /\s/u;

/** A view of the text from where a token may begin. Offsets count from there; a lexeme that is not there has length 0. */
export class Lexeme {
  constructor(private readonly input: InputStream) {}

  /** One UTF-16 unit; empty at the end of the text. */
  at(offset: number): string {
    const code = this.input.peek(offset);
    return code < 0 ? '' : String.fromCharCode(code);
  }

  startsWith(text: string, offset = 0): boolean {
    for (let i = 0; i < text.length; i++) if (this.at(offset + i) !== text.charAt(i)) return false;
    return true;
  }

  /** Of the texts (longest first), the one that stands here. */
  oneOf<T extends string>(texts: readonly T[], offset = 0): T | undefined {
    return texts.find((text) => this.startsWith(text, offset));
  }

  text(length: number): string {
    let text = '';
    for (let i = 0; i < length; i++) text += this.at(i);
    return text;
  }

  /** Where the run of characters that match (one UTF-16 unit each) ends. */
  run(pattern: RegExp, offset = 0): number {
    while (this.at(offset) !== '' && pattern.test(this.at(offset))) offset++;
    return offset;
  }

  spaces(offset = 0): number {
    return this.run(SPACE, offset);
  }

  /** End of a quoted text that begins at `offset`; of one that is never closed, the end of the text. */
  quoted(offset = 0): number {
    if (this.at(offset) !== '"') return offset;
    offset++;
    while (this.at(offset) !== '') {
      if (this.at(offset) === '"') return offset + 1;
      offset += this.at(offset) === '\\' ? 2 : 1;
    }
    return this.at(offset - 1) === '' ? offset - 1 : offset;
  }

  /** End of `http.route`, `attributes."a key"` or `"a key"`. */
  field(): number {
    let end = 0;
    if (this.at(0) !== '"') {
      if (!FIELD_START.test(this.character(0))) return 0;
      while (this.at(end) !== '' && FIELD_PART.test(this.character(end))) end += this.character(end).length;
    }
    return this.at(end) === '"' && (end === 0 || this.at(end - 1) === '.') ? this.quoted(end) : end;
  }

  private character(offset: number): string {
    const unit = this.at(offset);
    return /[\uD800-\uDBFF]/.test(unit) ? unit + this.at(offset + 1) : unit;
  }
}
