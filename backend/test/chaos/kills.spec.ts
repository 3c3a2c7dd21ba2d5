/**
 * Kill −9 of the server, of ClickHouse and of PostgreSQL at random moments under load over every protocol: at the end
 * every acknowledged item is in the store exactly once, also in what is derived from it.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Load } from './support/clients.ts';
import { Ledger } from './support/ledger.ts';
import { Payloads } from './support/payloads.ts';
import type { Part } from './support/process-table.ts';
import { SEED, below, seeded } from './support/random.ts';
import { IS_LONG, KILLS, SEEDED, report, say } from './support/scale.ts';
import { ServerProcess } from './support/server-process.ts';
import { pause } from './support/until.ts';
import { verify, type Verdict } from './support/verify.ts';

/** After it was ready. */
const LIFE_MS = 1500;
const VERIFIED_EVERY = 50;
const ITEMS = 8;
const MAY_ANSWER = /^(200|0|503|grpc 14|grpc 1|lost .*)$/;

const random = seeded(SEED);
const server = new ServerProcess();
const killed = { server: 0, clickhouse: 0, postgres: 0 };
const ledger = new Ledger();
const baseNs = BigInt(Date.now()) * 1_000_000n;
const payloads = new Payloads({ items: ITEMS, baseNs });
const statuses = new Map<string, number>();
let load: Load;

beforeAll(async () => {
  await server.launch();
  load = newLoad();
});
afterAll(async () => {
  await load?.stop();
  await server.dispose();
});

function newLoad(): Load {
  const keyHeaders = server.keyHeaders;
  const target = () => ({ otlpHttpUrl: server.otlpHttpUrl, otlpGrpcTarget: server.otlpGrpcTarget, keyHeaders });
  return new Load({ target, payloads, ledger, statuses, clients: 2 });
}

/** Kills the part if it is there: an engine may be on its way back from the kill before. */
function killPart(part: Exclude<Part, 'server'>): void {
  for (const pid of server.pids(part)) {
    process.kill(pid, 'SIGKILL');
    killed[part] += 1;
  }
}

/** One life of the server, with a kill of each engine at a random moment in it. */
async function oneLife(): Promise<void> {
  const lifeMs = below(random, LIFE_MS);
  const moments = (['clickhouse', 'postgres'] as const)
    .map((part) => ({ part, atMs: below(random, lifeMs + 1) }))
    .sort((a, b) => a.atMs - b.atMs);
  const readyAt = performance.now();
  for (const { part, atMs } of moments) {
    await pause(readyAt + atMs - performance.now());
    killPart(part);
  }
  await pause(readyAt + lifeMs - performance.now());
  await server.kill();
  killed.server += 1;
}

/** A start that does not come to its end: recovery has to survive being killed as well. */
async function oneStart(): Promise<void> {
  const { gone } = server.begin();
  await pause(below(random, LIFE_MS));
  await server.kill();
  await gone;
  killed.server += 1;
}

async function verified(): Promise<Verdict> {
  await server.untilDrained(120_000);
  const verdict = await verify(server.store, { ledger, items: ITEMS, baseNs });
  expect(verdict.faults).toEqual([]);
  return verdict;
}

it(
  `loses and doubles nothing however often and whenever anything is killed (${SEEDED})`,
  async () => {
    const startedAt = performance.now();
    for (let life = 1; Math.min(killed.server, killed.clickhouse, killed.postgres) < KILLS; life += 1) {
      await oneLife();
      if (life % 10 === 0) {
        await oneStart();
        say(
          `${killed.server} kills of the server, ${killed.clickhouse} of ClickHouse, ${killed.postgres} of PostgreSQL; ${ledger.acknowledged} of ${ledger.sent} requests acknowledged`,
        );
      }
      await server.launch();
      if (IS_LONG && life % VERIFIED_EVERY === 0) {
        // What goes on being sent is judged at the end; the load rests so that the log can become empty.
        await load.stop();
        const { acknowledgedItems, storedItems } = await verified();
        say(`verified: ${acknowledgedItems} items acknowledged, ${storedItems} stored`);
        load = newLoad();
      }
    }
    await load.stop();
    const verdict = await verified();
    expect([...statuses.keys()].filter((status) => !MAY_ANSWER.test(status))).toEqual([]);
    expect(ledger.acknowledged).toBeGreaterThan(KILLS);
    report('kill −9', {
      kills: `server ${killed.server}, ClickHouse ${killed.clickhouse}, PostgreSQL ${killed.postgres}`,
      'items acknowledged': verdict.acknowledgedItems,
      lost: 0,
      doubled: 0,
      detail: `${verdict.storedUnacknowledged} requests stored whose answer was lost`,
      seconds: Math.round((performance.now() - startedAt) / 1000),
    });
  },
  IS_LONG ? 3_600_000 : 180_000,
);
