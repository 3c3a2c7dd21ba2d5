import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliCompress, createDeflate, createGzip, createZstdCompress } from 'node:zlib';
import { BodyReader, decodedBody } from './body.js';
import { ClickHouseException, httpStatus, NOT_IMPLEMENTED } from './errors.js';
import { authenticate, readOptions, type Credentials, type RequestOptions } from './request.js';
import type { StatementResult, StatementRunner } from './statement-runner.js';

const LONGEST_FORM = 64 * 1024 * 1024;

/** ClickHouse's HTTP interface in front of the engine. Not yet listening. */
export function createHttpServer(runner: StatementRunner, credentials: Credentials): Server {
  const server = createServer(
    { keepAliveTimeout: 30_000, requestTimeout: 0, maxHeaderSize: 1024 * 1024 },
    (req, res) => {
      void handle(req, res, runner, credentials);
    },
  );
  server.timeout = 0;
  return server;
}

async function handle(
  req: IncomingMessage,
  res: ServerResponse,
  runner: StatementRunner,
  credentials: Credentials,
): Promise<void> {
  const startedAtMs = performance.now();
  const gone = new AbortController();
  res.on('close', () => {
    if (!res.writableFinished) gone.abort(new Error('the client went away'));
  });
  req.on('error', () => gone.abort(new Error('the client went away')));
  res.on('error', () => undefined); // reported by 'close'
  try {
    const url = URL.parse(`http://127.0.0.1${req.url ?? '/'}`);
    if (url === null) throw new HttpError(400, 'The URL cannot be parsed');
    if (
      url.pathname === '/ping' ||
      url.pathname === '/replicas_status' ||
      (url.pathname === '/' && isBareProbe(req, url))
    ) {
      send(res, 200, Buffer.from('Ok.\n'), { 'content-type': 'text/html; charset=UTF-8' });
      return;
    }
    authenticate(req, url, credentials);
    if (url.pathname !== '/') throw new HttpError(404, `There is no handle ${url.pathname}`);
    if (req.method !== 'GET' && req.method !== 'POST' && req.method !== 'HEAD')
      throw new HttpError(405, `Method ${req.method} is not allowed`);
    const { options, body } = await readRequest(req, url);
    res.setHeader('x-clickhouse-query-id', options.queryId ?? randomUUID());
    const result = await runner.run(options, body, gone.signal);
    await sendResult(req, res, options, result, startedAtMs);
  } catch (error) {
    sendError(req, res, error);
  }
}

/** `GET /` without a query is ClickHouse's way to ask whether the server is there. */
function isBareProbe(req: IncomingMessage, url: URL): boolean {
  return (req.method === 'GET' || req.method === 'HEAD') && !url.searchParams.has('query');
}

async function readRequest(req: IncomingMessage, url: URL): Promise<{ options: RequestOptions; body: BodyReader }> {
  const type = req.headers['content-type'] ?? '';
  if (!type.startsWith('multipart/form-data'))
    return { options: readOptions(req, url), body: new BodyReader(decodedBody(req)) };
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of decodedBody(req) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LONGEST_FORM) throw new HttpError(413, 'The form is larger than 64 MiB');
    parts.push(chunk);
  }
  const form = await new Response(Buffer.concat(parts), { headers: { 'content-type': type } })
    .formData()
    .catch((cause: unknown) => {
      throw new HttpError(400, 'The form cannot be parsed', { cause });
    });
  const fields = new Map<string, string>();
  for (const [name, value] of form) {
    if (typeof value !== 'string')
      throw new ClickHouseException(NOT_IMPLEMENTED, 'External tables are not supported. (NOT_IMPLEMENTED)');
    fields.set(name, value);
  }
  return { options: readOptions(req, url, fields), body: new BodyReader(Readable.from([])) };
}

async function sendResult(
  req: IncomingMessage,
  res: ServerResponse,
  options: RequestOptions,
  result: StatementResult,
  startedAtMs: number,
): Promise<void> {
  const size = Buffer.isBuffer(result.body) ? result.body.length : result.body.size;
  const summary = {
    read_rows: '0', // chDB does not tell
    read_bytes: '0',
    written_rows: String(result.writtenRows),
    written_bytes: String(result.writtenBytes),
    total_rows_to_read: '0',
    result_rows: String(result.resultRows),
    result_bytes: String(size),
    elapsed_ns: String(Math.round((performance.now() - startedAtMs) * 1e6)),
  };
  res.statusCode = 200;
  res.setHeader('x-clickhouse-summary', JSON.stringify(summary));
  res.setHeader('x-clickhouse-format', result.format);
  res.setHeader('x-clickhouse-timezone', 'UTC');
  res.setHeader('x-clickhouse-server-display-name', 'embedded');
  res.setHeader('content-type', contentType(result.format));
  const compression = options.compressResponse && size > 0 ? chooseCompression(req) : undefined;
  if (compression === undefined) res.setHeader('content-length', size);
  else res.setHeader('content-encoding', compression.encoding);

  if (Buffer.isBuffer(result.body) && compression === undefined) {
    res.end(result.body);
    return;
  }
  const source = Buffer.isBuffer(result.body)
    ? Readable.from([result.body])
    : result.body.file.createReadStream({ highWaterMark: 256 * 1024 });
  if (compression === undefined) await pipeline(source, res);
  else await pipeline(source, compression.create(), res);
}

const COMPRESSIONS = [
  { encoding: 'gzip', create: () => createGzip({ level: 1 }) },
  { encoding: 'zstd', create: () => createZstdCompress() },
  { encoding: 'br', create: () => createBrotliCompress({ params: { 1: 4 } }) },
  { encoding: 'deflate', create: () => createDeflate({ level: 1 }) },
] as const;

function chooseCompression(req: IncomingMessage) {
  const accepted = String(req.headers['accept-encoding'] ?? '').toLowerCase();
  return COMPRESSIONS.find(({ encoding }) => accepted.includes(encoding));
}

function contentType(format: string): string {
  if (/^JSON.*EachRow/.test(format)) return 'application/x-ndjson; charset=UTF-8';
  if (format.startsWith('JSON')) return 'application/json; charset=UTF-8';
  if (format.startsWith('CSV')) return 'text/csv; charset=UTF-8; header=present';
  if (/^(TSV|TabSeparated)/.test(format)) return 'text/tab-separated-values; charset=UTF-8';
  if (/^(RowBinary|Native|Parquet|Arrow|ORC|Avro)/.test(format)) return 'application/octet-stream';
  return 'text/plain; charset=UTF-8';
}

class HttpError extends Error {
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

function sendError(req: IncomingMessage, res: ServerResponse, error: unknown): void {
  if (res.destroyed) return; // nobody is there to hear it
  if (res.headersSent) {
    res.destroy(); // a broken result must not look like a whole one
    return;
  }
  req.unpipe();
  req.resume(); // the client reads our answer only after it has sent its body
  for (const name of ['content-encoding', 'content-length', 'x-clickhouse-summary']) res.removeHeader(name);
  if (error instanceof HttpError) {
    send(res, error.status, Buffer.from(`${error.message}\n`), { 'content-type': 'text/plain; charset=UTF-8' });
    return;
  }
  const exception = ClickHouseException.from(error);
  send(res, httpStatus(exception.code), Buffer.from(`${exception.text}\n`), {
    'content-type': 'text/plain; charset=UTF-8',
    'x-clickhouse-exception-code': String(exception.code),
  });
}

function send(res: ServerResponse, status: number, body: Buffer, headers: Record<string, string>): void {
  res.writeHead(status, { ...headers, 'content-length': body.length });
  res.end(body);
}
