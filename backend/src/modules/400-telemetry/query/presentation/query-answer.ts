import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import type { QueryLine, QueryPeriod, QueryResponse, QueryResult } from '@telemetryflow/contracts';
import type { FastifyReply } from 'fastify';
import { problemOf } from '../../../../shared/platform/http/problem.js';
import type { AnswerOptions } from '../engine/telemetry-query.service.js';

type Ask = (options: AnswerOptions) => Promise<QueryResponse>;

const NDJSON = 'application/x-ndjson';
/** An answer with more numbers is written piece by piece: turning it into text at once would hold everybody else up. */
const LARGE = 20_000;
/** So many numbers in a piece. */
const PIECE = 5_000;
/** A client that takes nothing of what is there for it for so long has gone, whatever its connection says. */
const STALLED_MS = 60_000;

/**
 * The answer as the reply's request accepts it: JSON, written in pieces when it is large, or results line by line. A request
 * with `Cache-Control: no-cache` is answered by the store.
 */
export async function sendAnswer(
  reply: FastifyReply,
  ask: Ask,
  stalledMs = STALLED_MS,
): Promise<QueryResponse | StreamableFile> {
  const { accept = '', 'cache-control': control = '' } = reply.request.headers;
  const isFresh = control.toLowerCase().includes('no-cache');
  if (accept.toLowerCase().includes(NDJSON)) {
    return lines(reply, (options) => ask({ ...options, isFresh }), stalledMs);
  }
  const response = await ask({ isFresh });
  void reply.header('x-cache', response.meta.cache === 'hit' ? 'HIT' : 'MISS');
  if (response.results.reduce((sum, result) => sum + sizeOf(result), 0) <= LARGE) return response;
  leaveWhenStalled(reply, stalledMs);
  return new StreamableFile(Readable.from(jsonPieces(response)), { type: 'application/json; charset=utf-8' });
}

/** The socket counts what its peer takes as activity; while nothing waits to be taken, the store is what is slow. */
function leaveWhenStalled({ raw }: FastifyReply, stalledMs: number): void {
  raw.setTimeout(stalledMs, () => {
    if (raw.writableLength > 0) raw.destroy();
  });
}

async function lines(reply: FastifyReply, ask: Ask, stalledMs: number): Promise<StreamableFile> {
  const answer = answerLines(ask, (error) => {
    const { id, url } = reply.request;
    return problemOf(error, { instance: url, requestId: id }).problem;
  });
  // Until there is a first result, a problem still is an answer of its own, with its status.
  const first = await answer.next();
  leaveWhenStalled(reply, stalledMs);
  const all = async function* () {
    if (first.done !== true) yield asText(first.value);
    for await (const line of answer) yield asText(line);
  };
  return new StreamableFile(Readable.from(all()), { type: `${NDJSON}; charset=utf-8` });
}

/** @throws what `ask` throws before its first result */
async function* answerLines(
  ask: Ask,
  problem: (error: unknown) => Extract<QueryLine, { type: 'problem' }>['problem'],
): AsyncGenerator<QueryLine> {
  // Lines that the client has not taken. Nothing else here holds the answer, so that what was written is free.
  const come: QueryLine[] = [];
  let period: QueryPeriod | undefined;
  let next = Promise.withResolvers<void>();
  let begun = false;
  const onResult = (result: QueryResult) => {
    if (!begun && period !== undefined) come.push({ type: 'period', period });
    begun = true;
    for (const line of resultLines(result)) come.push(line);
    next.resolve();
  };
  const onPeriod = (asked: QueryPeriod) => {
    period = asked;
  };
  const outcome = ask({ onPeriod, onResult }).then(
    ({ meta }) => ({ meta }),
    (error: unknown) => ({ error }),
  );
  const ended = outcome.then(() => next.resolve());
  for (let over = false; !over;) {
    over = await Promise.race([ended.then(() => true), next.promise.then(() => false)]);
    next = Promise.withResolvers();
    for (let line = come.shift(); line !== undefined; line = come.shift()) yield line;
  }
  const last = await outcome;
  if ('meta' in last) {
    yield { type: 'meta', meta: last.meta };
  } else {
    if (!begun) throw last.error;
    yield { type: 'problem', problem: problem(last.error) };
  }
}

/** A large result is begun with some of its groups or rows, and continued. */
function* resultLines(result: QueryResult): Generator<QueryLine> {
  const { label } = result;
  if (result.kind === 'rows') {
    const [first = [], ...more] = slices(result.rows, (row) => row.length);
    yield { type: 'result', result: { ...result, rows: first } };
    for (const rows of more) yield { type: 'rows', label, rows };
    return;
  }
  const [first = [], ...more] = slices(result.groups, groupSize);
  yield { type: 'result', result: { ...result, groups: first } };
  for (const groups of more) yield { type: 'groups', label, groups };
}

function* jsonPieces({ results, meta }: QueryResponse): Generator<string> {
  yield '{"results":[';
  for (const [i, result] of results.entries()) {
    const [key, items] =
      result.kind === 'rows'
        ? (['rows', slices(result.rows, (row) => row.length)] as const)
        : (['groups', slices<(typeof result.groups)[number]>(result.groups, groupSize)] as const);
    const head = JSON.stringify({ ...result, [key]: undefined });
    yield `${i === 0 ? '' : ','}${head.slice(0, -1)},"${key}":[`;
    for (const [j, slice] of items.entries()) yield `${j === 0 ? '' : ','}${JSON.stringify(slice).slice(1, -1)}`;
    yield ']}';
  }
  yield `],"meta":${JSON.stringify(meta)}}`;
}

function slices<T>(items: readonly T[], sizeOfItem: (item: T) => number): T[][] {
  const all: T[][] = [];
  let room = 0;
  for (const item of items) {
    const last = all.at(-1);
    if (last === undefined || room <= 0) {
      all.push([item]);
      room = PIECE;
    } else last.push(item);
    room -= sizeOfItem(item);
  }
  return all;
}

function sizeOf(result: QueryResult): number {
  if (result.kind === 'rows') return result.rows.length * result.columns.length;
  return result.groups.reduce((sum, group) => sum + groupSize(group), 0);
}

function groupSize(group: Extract<QueryResult, { kind: 'groups' }>['groups'][number]): number {
  const sizes = [group, group.previous].map((values) => {
    const points = values?.series?.reduce((sum, line) => sum + line.length, 0) ?? 0;
    const counts = values?.distributions?.reduce(
      (sum, d) => sum + (d?.counts.length ?? 0) * (d?.bounds.length ?? 0),
      0,
    );
    return points + (counts ?? 0);
  });
  return sizes.reduce((sum, size) => sum + size, group.values.length);
}

function asText(line: QueryLine): string {
  return `${JSON.stringify(line)}\n`;
}
