import { readFileSync, statSync, unlinkSync } from 'node:fs';
import { open, rm, type FileHandle } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { CANNOT_PARSE_INPUT, ClickHouseException, NOT_IMPLEMENTED, QUERY_IS_TOO_LARGE } from './errors.js';

/** Longest statement this server takes, data of inserts not counted. */
const LONGEST_STATEMENT = 32 * 1024 * 1024;

/** How much of a body is gathered before it is written to disk. */
const WRITE_BYTES = 1024 * 1024;

/** The body of a request as a stream of plain bytes. */
export function decodedBody(req: IncomingMessage): Readable {
  const encoding = (req.headers['content-encoding'] ?? 'identity').toLowerCase();
  const decoder = decoderFor(encoding);
  if (decoder === undefined) return req;
  req.on('error', (error) => decoder.destroy(error));
  req.on('close', () => {
    if (!req.complete) decoder.destroy(new Error('the client went away'));
  });
  return req.pipe(decoder);
}

function decoderFor(encoding: string) {
  switch (encoding) {
    case 'identity':
      return undefined;
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    case 'zstd':
      return createZstdDecompress();
    default:
      throw new ClickHouseException(NOT_IMPLEMENTED, `Unknown compression method '${encoding}'. (NOT_IMPLEMENTED)`);
  }
}

/** A body read bit by bit: first its head, for the statement, then the rest, for the data. */
export class BodyReader {
  #chunks: AsyncIterator<Buffer>;
  #pushedBack: Buffer | undefined;

  constructor(body: Readable) {
    body.on('error', () => undefined); // it may break before the first read, which will then report it
    this.#chunks = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /** The next bytes, `undefined` at the end. Throws CANNOT_PARSE_INPUT when the body cannot be decompressed. */
  async next(): Promise<Buffer | undefined> {
    if (this.#pushedBack !== undefined) {
      const chunk = this.#pushedBack;
      this.#pushedBack = undefined;
      return chunk;
    }
    try {
      const result = await this.#chunks.next();
      return result.done === true ? undefined : result.value;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      throw new ClickHouseException(
        CANNOT_PARSE_INPUT,
        `Cannot read the request body: ${message}. (CANNOT_PARSE_INPUT_ASSERTION_FAILED)`,
      );
    }
  }

  pushBack(chunk: Buffer): void {
    this.#pushedBack = chunk;
  }

  /** Everything that is left, as one buffer. Throws QUERY_IS_TOO_LARGE beyond 32 MiB. */
  async all(): Promise<Buffer> {
    const parts: Buffer[] = [];
    let size = 0;
    for (let chunk = await this.next(); chunk !== undefined; chunk = await this.next()) {
      size += chunk.length;
      if (size > LONGEST_STATEMENT)
        throw new ClickHouseException(QUERY_IS_TOO_LARGE, 'The statement is larger than 32 MiB. (QUERY_IS_TOO_LARGE)');
      parts.push(chunk);
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts, size);
  }

  /** Writes everything that is left into the file at `path`; resolves with the number of bytes. Removes the file on failure. */
  async spool(path: string): Promise<number> {
    const file = await open(path, 'wx', 0o600);
    let size = 0;
    try {
      let pending: Buffer[] = [];
      let pendingBytes = 0;
      for (let chunk = await this.next(); chunk !== undefined; chunk = await this.next()) {
        pending.push(chunk);
        pendingBytes += chunk.length;
        if (pendingBytes < WRITE_BYTES) continue;
        await file.writev(pending);
        size += pendingBytes;
        [pending, pendingBytes] = [[], 0];
      }
      if (pending.length > 0) await file.writev(pending);
      return size + pendingBytes;
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      await file.close();
    }
  }
}

/** Results up to so many bytes are read at once. */
const SMALL_RESULT = 256 * 1024;

/**
 * A result the engine wrote to a file: its bytes when they are few, else the file, which is unlinked at once; its bytes live
 * as long as the handle. Undefined when the engine wrote none (`FORMAT Null`).
 *
 * What the engine just wrote is in memory: reading a little of it takes less time than handing the work to another thread
 * five times would, and most answers are small.
 */
export async function takeResult(path: string): Promise<Buffer | { file: FileHandle; size: number } | undefined> {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) return undefined;
  if (size <= SMALL_RESULT) {
    const bytes = readFileSync(path);
    unlinkSync(path);
    return bytes;
  }
  const file = await open(path, 'r');
  await rm(path, { force: true });
  return { file, size };
}
