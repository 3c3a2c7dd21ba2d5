import { randomUUID } from 'node:crypto';
import { rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { BodyReader } from './body.js';
import { takeResult } from './body.js';
import type { ChdbEngine } from './engine.js';
import { BAD_ARGUMENTS, ClickHouseException, NETWORK_ERROR, NOT_IMPLEMENTED, SYNTAX_ERROR } from './errors.js';
import type { RequestOptions } from './request.js';
import { setupOf } from './request.js';
import { handedFile } from './spool.js';
import { parseStatement, type InsertData, type Statement } from './sql.js';

const HEAD_BYTES = 256 * 1024;

/**
 * Squashes all rows of an insert into one block, so that the insert is one part per partition, is
 * deduplicated as a whole by its token and is visible as a whole. One thread, because each inserting
 * thread would form a block of its own.
 */
const ONE_BLOCK: Readonly<Record<string, string>> = {
  async_insert: '0',
  max_insert_threads: '1',
  min_insert_block_size_rows: '1000000000000',
  min_insert_block_size_bytes: '1000000000000',
};

/** Too large for one block: still the same blocks on every retry, so tokens keep working. */
const SAME_BLOCKS: Readonly<Record<string, string>> = {
  async_insert: '0',
  max_insert_threads: '1',
  input_format_parallel_parsing: '0',
};

/** Largest body, in bytes, that becomes one block whatever the memory limit. */
const ONE_BLOCK_BYTES = 256 * 1024 * 1024;

export interface StatementResult {
  readonly format: string;
  readonly body: Buffer | { readonly file: FileHandle; readonly size: number };
  readonly resultRows: number;
  readonly writtenRows: number;
  readonly writtenBytes: number;
}

export interface RunnerOptions {
  readonly engine: ChdbEngine;
  /** Folder of temporary files; its path must be free of quotes and glob characters. */
  readonly spoolDir: string;
  readonly defaults: Readonly<Record<string, string>>;
}

/** Runs one request's statement: data of inserts and results of selects travel through files. */
export class StatementRunner {
  #engine: ChdbEngine;
  #spoolDir: string;
  #defaults: Readonly<Record<string, string>>;

  constructor(options: RunnerOptions) {
    this.#engine = options.engine;
    this.#spoolDir = options.spoolDir;
    this.#defaults = options.defaults;
  }

  /** Throws ClickHouseException; rejects with the signal's reason when the client is gone. */
  async run(options: RequestOptions, body: BodyReader, signal: AbortSignal): Promise<StatementResult> {
    const { statement, text } = await readStatement(options.query, body);
    switch (statement.kind) {
      case 'empty':
        throw new ClickHouseException(SYNTAX_ERROR, 'Syntax error: Empty query. (SYNTAX_ERROR)');
      case 'several':
        throw new ClickHouseException(SYNTAX_ERROR, 'Syntax error (Multi-statements are not allowed). (SYNTAX_ERROR)');
      case 'insert-data':
        return this.#insert(statement, options, body, signal);
      case 'select':
        if (statement.hasOutfile)
          throw new ClickHouseException(NOT_IMPLEMENTED, 'INTO OUTFILE is not allowed over HTTP. (NOT_IMPLEMENTED)');
        return this.#select(statement, options, signal);
      case 'other':
        return this.#other(statement, text, options, signal);
    }
  }

  async #insert(
    statement: InsertData,
    options: RequestOptions,
    body: BodyReader,
    signal: AbortSignal,
  ): Promise<StatementResult> {
    if (options.handedFile !== undefined) {
      const path = this.#handedFile(options.handedFile);
      return this.#insertFile(statement, options, { path, size: await sizeOfHanded(path) }, signal);
    }
    const path = this.#spoolFile('in');
    const size = await body.spool(path);
    try {
      signal.throwIfAborted(); // the body may have been cut short: nothing of it must be inserted
      return await this.#insertFile(statement, options, { path, size }, signal);
    } finally {
      await rm(path, { force: true });
    }
  }

  async #insertFile(
    statement: InsertData,
    options: RequestOptions,
    { path, size }: { readonly path: string; readonly size: number },
    signal: AbortSignal,
  ): Promise<StatementResult> {
    const defaults = { ...this.#defaults, ...(size <= ONE_BLOCK_BYTES ? ONE_BLOCK : SAME_BLOCKS) };
    const outcome = await this.#engine.write({
      sql: utf8(statement.fromFile(path)),
      setup: { fresh: setupOf(options, defaults).fresh },
      signal,
    });
    return nothing(statement.format, outcome.rowsWritten, outcome.bytesWritten);
  }

  #handedFile(name: string): string {
    const path = handedFile(this.#spoolDir, name);
    if (path !== undefined) return path;
    throw new ClickHouseException(BAD_ARGUMENTS, `No file can be handed over under this name. (BAD_ARGUMENTS)`);
  }

  async #select(
    statement: Extract<Statement, { kind: 'select' }>,
    options: RequestOptions,
    signal: AbortSignal,
  ): Promise<StatementResult> {
    const path = this.#spoolFile('out');
    const format = statement.format ?? options.defaultFormat;
    try {
      const sql = utf8(statement.intoFile(path, formatName(options.defaultFormat)));
      const setup = setupOf(options, this.#defaults);
      const outcome = await this.#engine.read(
        { sql, setup, signal, mark: basename(path), ...(options.queryId && { queryId: options.queryId }) },
        'Null',
      );
      const result = await takeResult(path);
      return { ...nothing(format, 0, 0), body: result ?? Buffer.alloc(0), resultRows: outcome.rowsRead };
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }

  async #other(
    statement: Extract<Statement, { kind: 'other' }>,
    text: string,
    options: RequestOptions,
    signal: AbortSignal,
  ): Promise<StatementResult> {
    if (statement.killQueryId !== undefined) {
      await this.#engine.kill(statement.killQueryId);
      return nothing(options.defaultFormat, 0, 0);
    }
    const format = statement.format ?? options.defaultFormat;
    // It may change the connection: that one serves no other.
    const setup = { fresh: setupOf(options, this.#defaults).fresh };
    if (statement.isInsert) {
      const outcome = await this.#engine.write({ sql: utf8(text), setup, signal });
      return nothing(format, outcome.rowsWritten, outcome.bytesWritten);
    }
    const job = { sql: utf8(statement.sql), setup, signal, ...(options.queryId && { queryId: options.queryId }) };
    const outcome = await this.#engine.read(job, formatName(options.defaultFormat));
    return { ...nothing(format, 0, 0), body: outcome.bytes, resultRows: outcome.rowsRead };
  }

  #spoolFile(kind: 'in' | 'out'): string {
    return join(this.#spoolDir, `${kind}-${randomUUID()}`);
  }
}

/**
 * Finds out what the request says: the URL's `query`, followed by the body; or the body alone.
 * For an insert with data, `body` is left standing at the first byte of the data.
 */
async function readStatement(query: string, body: BodyReader): Promise<{ statement: Statement; text: string }> {
  if (query !== '') {
    const text = Buffer.from(query).toString('latin1');
    const statement = parseStatement(text);
    if (statement.kind === 'insert-data') {
      const inline = Buffer.from(text.slice(statement.dataStart), 'latin1');
      if (inline.length > 0) body.pushBack(inline);
      return { statement, text };
    }
    const rest = (await body.all()).toString('latin1');
    const whole = rest.trim() === '' ? text : `${text}\n${rest}`;
    return { statement: rest.trim() === '' ? statement : parseStatement(whole), text: whole };
  }
  const head = await readHead(body);
  const text = head.toString('latin1');
  if (/^[\s(;]*insert\b/i.test(text) || /^\s*(--|\/\*|#)/.test(text)) {
    const statement = parseStatement(text);
    if (statement.kind === 'insert-data') {
      const rest = head.subarray(statement.dataStart);
      if (rest.length > 0) body.pushBack(rest);
      return { statement, text };
    }
  }
  const whole = text + (await body.all()).toString('latin1');
  return { statement: parseStatement(whole), text: whole };
}

async function readHead(body: BodyReader): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  while (size < HEAD_BYTES) {
    const chunk = await body.next();
    if (chunk === undefined) break;
    parts.push(chunk);
    size += chunk.length;
  }
  return Buffer.concat(parts, size);
}

/** A file that is gone belonged to an engine that has been started anew since: the sender hands it over again. */
async function sizeOfHanded(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    throw new ClickHouseException(NETWORK_ERROR, 'The file that was handed over is gone. (NETWORK_ERROR)');
  }
}

function nothing(format: string, writtenRows: number, writtenBytes: number): StatementResult {
  return { format, body: Buffer.alloc(0), resultRows: 0, writtenRows, writtenBytes };
}

function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}

function formatName(name: string): string {
  if (/^\w+$/.test(name)) return name;
  throw new ClickHouseException(73, `Unknown format ${name}. (UNKNOWN_FORMAT)`);
}
