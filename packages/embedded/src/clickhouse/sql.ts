/**
 * Just enough of ClickHouse's lexer to see what kind of statement a text is and where its clauses are.
 * Texts are handled as latin1 strings, so an index is a byte offset and binary data behind
 * `FORMAT RowBinary` survives.
 */

interface Token {
  readonly kind: 'word' | 'string' | 'quoted' | 'other';
  readonly start: number;
  readonly end: number;
  /** Nesting of (), [] and {}. */
  readonly depth: number;
  /** Upper-cased text of a word, the text itself of anything else. */
  readonly text: string;
}

const WORD = /[A-Za-z_0-9$\x80-\xff]+/y;
const SPACE = /[\s]+/y;

function* tokens(sql: string): Generator<Token> {
  let at = 0;
  let depth = 0;
  while (at < sql.length) {
    const char = sql.charAt(at);
    const start = at;
    SPACE.lastIndex = at;
    if (SPACE.test(sql)) {
      at = SPACE.lastIndex;
    } else if (sql.startsWith('--', at) || sql.startsWith('#!', at) || sql.startsWith('# ', at)) {
      at = indexAfter(sql, '\n', at);
    } else if (sql.startsWith('/*', at)) {
      at = indexAfter(sql, '*/', at + 2);
    } else if (char === "'" || char === '"' || char === '`') {
      at = endOfQuoted(sql, at);
      yield { kind: char === "'" ? 'string' : 'quoted', start, end: at, depth, text: sql.slice(start, at) };
    } else if (char === '$' && /\$\w*\$/y.test(sql.slice(at, at + 64))) {
      const tag = /^\$\w*\$/.exec(sql.slice(at, at + 64))?.[0] ?? '$$';
      at = indexAfter(sql, tag, at + tag.length);
      yield { kind: 'string', start, end: at, depth, text: sql.slice(start, at) };
    } else {
      WORD.lastIndex = at;
      if (WORD.test(sql)) {
        at = WORD.lastIndex;
        yield { kind: 'word', start, end: at, depth, text: sql.slice(start, at).toUpperCase() };
      } else {
        at++;
        if (char === ')' || char === ']' || char === '}') depth--;
        yield { kind: 'other', start, end: at, depth, text: char };
        if (char === '(' || char === '[' || char === '{') depth++;
      }
    }
  }
}

function indexAfter(sql: string, needle: string, from: number): number {
  const found = sql.indexOf(needle, from);
  return found < 0 ? sql.length : found + needle.length;
}

function endOfQuoted(sql: string, start: number): number {
  const quote = sql.charAt(start);
  for (let at = start + 1; at < sql.length; at++) {
    const char = sql.charAt(at);
    if (char === '\\') at++;
    else if (char === quote) {
      if (sql.charAt(at + 1) !== quote) return at + 1;
      at++;
    }
  }
  return sql.length;
}

/** An INSERT whose rows follow as data in a format (not `INSERT … SELECT` without `input()`). */
export interface InsertData {
  readonly kind: 'insert-data';
  /** Byte offset of the first data byte. */
  readonly dataStart: number;
  readonly format: string;
  /** The statement with its data replaced by the rows of the file. `path` must be free of quotes and globs. */
  fromFile(path: string): string;
}

export interface Select {
  readonly kind: 'select';
  /** The format the statement names itself. */
  readonly format: string | undefined;
  readonly hasOutfile: boolean;
  /** The statement, writing its result into a file instead. */
  intoFile(path: string, defaultFormat: string): string;
}

export interface OtherStatement {
  readonly kind: 'other';
  readonly isInsert: boolean;
  readonly format: string | undefined;
  readonly sql: string;
  /** Set for `KILL QUERY WHERE query_id = '…'`. */
  readonly killQueryId: string | undefined;
}

export type Statement =
  InsertData | Select | OtherStatement | { readonly kind: 'empty' } | { readonly kind: 'several' };

/** Classifies one statement given as latin1 text. For an INSERT, reading ends where its data begins. */
export function parseStatement(sql: string): Statement {
  const first = firstWord(sql);
  if (first === undefined) return { kind: 'empty' };
  if (first === 'INSERT') {
    const insert = parseInsert(sql);
    if (insert !== undefined) return insert;
  }
  const list: Token[] = [];
  for (const token of tokens(sql)) {
    const last = list.at(-1);
    if (last?.depth === 0 && last.text === ';') {
      if (token.text === ';') continue;
      return { kind: 'several' };
    }
    list.push(token);
  }
  if (list.at(-1)?.text === ';') list.pop();
  const end = list.at(-1)?.end ?? 0;
  const clause = formatClause(sql, list);
  const body = sql.slice(0, end);
  const words = list.filter((token) => token.depth === 0);
  const isInsert = words.some((token) => token.kind === 'word' && token.text === 'INSERT');
  if ((first === 'SELECT' || first === 'WITH' || first === '(') && !isInsert) {
    const hasOutfile = list.some((token, i) => token.text === 'INTO' && list[i + 1]?.text === 'OUTFILE');
    return {
      kind: 'select',
      format: clause?.name,
      hasOutfile,
      intoFile(path, defaultFormat) {
        const into = ` INTO OUTFILE '${path}' TRUNCATE COMPRESSION 'none' `;
        if (clause === undefined) return `${body}\n${into}FORMAT ${defaultFormat}`;
        return `${sql.slice(0, clause.start)}${into}${sql.slice(clause.start, end)}`;
      },
    };
  }
  return { kind: 'other', isInsert, format: clause?.name, sql: body, killQueryId: killedQueryId(list) };
}

/** `KILL QUERY WHERE query_id = '…'`, with or without SYNC/ASYNC behind it. */
function killedQueryId(list: readonly Token[]): string | undefined {
  const [kill, query, where, column, equals, id] = list;
  if (kill?.text !== 'KILL' || query?.text !== 'QUERY' || where?.text !== 'WHERE') return undefined;
  if (column?.text.replace(/[`"]/g, '').toUpperCase() !== 'QUERY_ID' || equals?.text !== '=' || id?.kind !== 'string')
    return undefined;
  return id.text.slice(1, -1);
}

function firstWord(sql: string): string | undefined {
  for (const token of tokens(sql)) if (token.text !== ';') return token.text;
  return undefined;
}

function formatClause(sql: string, list: readonly Token[]): { start: number; name: string } | undefined {
  for (let i = list.length - 2; i >= 1; i--) {
    const [token, name, next] = [list[i], list[i + 1], list[i + 2]];
    if (
      token === undefined ||
      name === undefined ||
      token.depth !== 0 ||
      token.text !== 'FORMAT' ||
      name.kind !== 'word'
    )
      continue;
    if (next !== undefined && next.text !== 'SETTINGS') continue;
    return { start: token.start, name: sql.slice(name.start, name.end) };
  }
  return undefined;
}

function parseInsert(sql: string): InsertData | undefined {
  let previous: Token | undefined;
  let clauseStart: number | undefined;
  let input: { start: number; structure: string | undefined; end: number } | undefined;
  let selectSeen = false;
  let afterTable = false;
  for (const token of tokens(sql)) {
    if (token.depth === 0 && token.kind === 'word') {
      if (token.text === 'SELECT' || token.text === 'WITH' || token.text === 'WATCH') selectSeen = true;
      if (token.text === 'SETTINGS' && !selectSeen && afterTable) clauseStart ??= token.start;
      if (token.text === 'VALUES' && !selectSeen && afterTable && !isNameStart(previous)) {
        return insertData(sql, clauseStart ?? token.start, token.start, 'Values', token.end, undefined);
      }
      if (previous?.text === 'FORMAT' && previous.depth === 0 && afterTable) {
        const format = sql.slice(token.start, token.end);
        if (selectSeen && input === undefined) return undefined;
        return insertData(sql, clauseStart ?? previous.start, previous.start, format, dataStart(sql, token.end), input);
      }
      if (previous !== undefined && previous.text !== 'INSERT' && previous.text !== 'INTO') afterTable = true;
      if (previous?.text === 'INTO' && token.text !== 'TABLE' && token.text !== 'FUNCTION') afterTable = true;
    } else if (token.kind === 'quoted' || token.text === '(') {
      afterTable = true;
    }
    if (input !== undefined && input.end < 0) {
      if (token.kind === 'string') input.structure = token.text;
      if (token.text === ')') input.end = token.end;
    }
    if (token.text === '(' && previous?.text === 'INPUT')
      input = { start: previous.start, structure: undefined, end: -1 };
    previous = token;
  }
  return undefined;
}

function isNameStart(token: Token | undefined): boolean {
  return token?.text === 'INTO' || token?.text === 'TABLE' || token?.text === '.';
}

/** After the name of a format come blanks and at most one line end, then data. */
function dataStart(sql: string, from: number): number {
  const match = /[ \t]*(?:;|\r?\n)?/y;
  match.lastIndex = from;
  match.test(sql);
  return match.lastIndex;
}

function insertData(
  sql: string,
  clauseStart: number,
  formatStart: number,
  format: string,
  start: number,
  input: { start: number; structure: string | undefined; end: number } | undefined,
): InsertData {
  return {
    kind: 'insert-data',
    dataStart: start,
    format,
    fromFile(path) {
      if (input !== undefined) {
        const structure = input.structure === undefined ? '' : `, ${input.structure}`;
        return `${sql.slice(0, input.start)}file('${path}', '${format}'${structure})${sql.slice(input.end, formatStart)}`;
      }
      return `${sql.slice(0, clauseStart)} FROM INFILE '${path}' COMPRESSION 'none' ${sql.slice(clauseStart, formatStart)} FORMAT ${format}`;
    },
  };
}

/** A string literal of ClickHouse. */
export function literal(value: string): string {
  const escaped = value.replace(/[\\'\0]/g, (char) => (char === '\0' ? '\\0' : `\\${char}`));
  return `'${escaped}'`;
}

/** A quoted identifier of ClickHouse. */
export function identifier(name: string): string {
  return `\`${name.replace(/[\\`]/g, (char) => `\\${char}`)}\``;
}
