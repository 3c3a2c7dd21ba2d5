/**
 * The store is away: stopped in its tracks, or killed whenever it comes up. Ingest goes on acknowledging into its log
 * until the log is full, then refuses with a time to come back, and everything acknowledged gets there.
 */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { SEEDED, report, say, size } from './support/scale.ts';
import { Scene } from './support/scene.ts';
import { pause, until } from './support/until.ts';

const AWAY_MS = size(3_000, 60_000);
/** Longer than an insert waits for its answer: the same rows are sent while the first statement is still in line. */
const BEYOND_TIMEOUT_MS = size(0, 140_000);
const LOG_MAX_BYTES = 16 * 2 ** 20;
/** Does not fill the log while the store is away. */
const UNHURRIED_MS = size(100, 2_000);
const OK_OR_OVERLOAD = /^(200|0|503|grpc 14)$/;

const scene = new Scene({ items: 24, logBytes: 8192, env: { INGEST_LOG_MAX_BYTES: String(LOG_MAX_BYTES) } });
beforeAll(() => scene.server.launch());
afterEach(async () => {
  await scene.rest();
  scene.statuses.clear();
});
afterAll(() => scene.dispose());

const acknowledged = (more: number) => {
  const goal = scene.ledger.acknowledged + more;
  return until(`${more} more acknowledged requests`, () => scene.ledger.acknowledged >= goal, 60_000);
};

function storePid(): number {
  const [pid] = scene.server.pids('clickhouse');
  if (pid === undefined) throw new Error('the store is not running');
  return pid;
}

it(
  `acknowledges while the store stands still, refuses in order when the log is full, and loses nothing (${SEEDED})`,
  async () => {
    const load = scene.send({ pauseMs: UNHURRIED_MS });
    await acknowledged(20);
    const pid = storePid();
    process.kill(pid, 'SIGSTOP');
    try {
      const before = scene.ledger.acknowledged;
      await pause(AWAY_MS);
      await acknowledged(20);
      say(`${scene.ledger.acknowledged - before} requests acknowledged while the store stood still`);
      expect(scene.answersBeside(/^(200|0)$/)).toEqual([]);
      expect(await scene.server.metric('otlp_ingestion_segments_waiting')).toBeGreaterThan(0);
      await scene.rest();

      const flood = scene.send({ clients: 2 });
      await until('a full log', () => ['503', 'grpc 14'].every((status) => scene.statuses.has(status)), 120_000);
      expect(await scene.server.metric('otlp_ingestion_log_bytes')).toBeLessThan(2 * LOG_MAX_BYTES);
      await pause(BEYOND_TIMEOUT_MS);
      expect(scene.answersBeside(OK_OR_OVERLOAD)).toEqual([]);
      expect(flood.refusalsWithoutRetry + load.refusalsWithoutRetry).toBe(0);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    // It opens again by itself, for the clients that kept asking.
    await acknowledged(50);
    const verdict = await scene.verified();
    expect(scene.server.pids('clickhouse')).toEqual([pid]);
    report('store standing still, log full', {
      'items acknowledged': verdict.acknowledgedItems,
      lost: 0,
      doubled: 0,
      detail: `${AWAY_MS / 1000} s, then ${BEYOND_TIMEOUT_MS / 1000} s with a full log of 16 MiB; refusals: ${(scene.statuses.get('503') ?? 0) + (scene.statuses.get('grpc 14') ?? 0)}`,
    });
  },
  size(180_000, 600_000),
);

it(
  `acknowledges while the store does not come up, and brings everything in when it does (${SEEDED})`,
  async () => {
    scene.send({ pauseMs: UNHURRIED_MS });
    await acknowledged(20);
    const end = performance.now() + AWAY_MS;
    let kills = 0;
    while (performance.now() < end) {
      for (const pid of scene.server.pids('clickhouse')) {
        process.kill(pid, 'SIGKILL');
        kills += 1;
      }
      await pause(20);
    }
    await acknowledged(20);
    expect(scene.answersBeside(/^(200|0)$/)).toEqual([]);
    const verdict = await scene.verified();
    expect(await scene.server.metric('otlp_ingestion_segments_poisoned')).toBe(0);
    report('store killed as often as it comes up', {
      kills: `ClickHouse ${kills}`,
      'items acknowledged': verdict.acknowledgedItems,
      lost: 0,
      doubled: 0,
      detail: `${AWAY_MS / 1000} s`,
    });
  },
  size(180_000, 600_000),
);
