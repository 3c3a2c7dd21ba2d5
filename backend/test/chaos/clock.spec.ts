/** The clock of the server is set back an hour, then forward, under load: everything keeps working. */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seedUsers } from '../support/platform.js';
import { SEEDED, report, size } from './support/scale.ts';
import { Scene } from './support/scene.ts';
import { pause, until } from './support/until.ts';

const HOUR_MS = 3_600_000;
const AT_EACH_TIME_MS = size(1_500, 20_000);
/** How late a segment may be on a busy machine; an hour's leap would show as 3,600,000. */
const LAG_MS = 60_000;

const scene = new Scene();
beforeAll(() => scene.server.launch());
afterAll(() => scene.dispose());

async function login(): Promise<string> {
  const response = await fetch(`${scene.server.url}/api/v2/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(seedUsers.administrator),
  });
  expect(response.status).toBe(200);
  return ((await response.json()) as { access_token: string }).access_token;
}

async function logs(token: string): Promise<number> {
  const response = await fetch(`${scene.server.url}/api/v2/telemetry/logs?limit=10&from=now-3h&to=now%2B3h`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(response.status).toBe(200);
  return ((await response.json()) as { data: unknown[] }).data.length;
}

/** Resolves when tokens are issued at the new time. */
async function setClock(offsetMs: number): Promise<void> {
  writeFileSync(scene.server.clockFile, String(offsetMs));
  await until('the new time', async () => {
    const [, claims = ''] = (await login()).split('.');
    const { iat } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { iat: number };
    return Math.abs(iat * 1000 - Date.now() - offsetMs) < 60_000;
  });
}

it(
  `takes, inserts and answers across leaps of an hour (${SEEDED})`,
  async () => {
    scene.send({ pauseMs: 5 });
    await until('an acknowledged request', () => scene.ledger.acknowledged > 10);
    let previousMs = 0;
    for (const [name, offsetMs] of [
      ['back', -HOUR_MS],
      ['true', 0],
      ['ahead', HOUR_MS],
      ['true again', 0],
    ] as const) {
      const token = await login();
      await setClock(offsetMs);
      const before = scene.ledger.acknowledged;
      const inserted = (await scene.server.metric('otlp_ingestion_segments_inserted_total')) ?? 0;
      await pause(AT_EACH_TIME_MS);
      await until(`acknowledged requests with the clock ${name}`, () => scene.ledger.acknowledged > before + 20);
      await until(
        `inserts with the clock ${name}`,
        async () => ((await scene.server.metric('otlp_ingestion_segments_inserted_total')) ?? 0) > inserted,
      );
      const lag = (await scene.server.metric('otlp_ingestion_lag_ms')) ?? Number.NaN;
      expect(lag, `lag with the clock ${name}`).toBeGreaterThanOrEqual(0);
      expect((await fetch(`${scene.server.url}/health/ready`)).status).toBe(200);
      // A leap ahead ends the life of a token; a leap back does not, and a fresh one works at any time.
      if (offsetMs < previousMs) expect(await logs(token), `old token with the clock ${name}`).toBeGreaterThan(0);
      expect(await logs(await login()), `new token with the clock ${name}`).toBeGreaterThan(0);
      previousMs = offsetMs;
    }
    await until('a small lag', async () => ((await scene.server.metric('otlp_ingestion_lag_ms')) ?? LAG_MS) < LAG_MS);
    expect(scene.answersBeside(/^(200|0)$/)).toEqual([]);
    const verdict = await scene.verified();
    report('clock set back and ahead by an hour', {
      'items acknowledged': verdict.acknowledgedItems,
      lost: 0,
      doubled: 0,
      detail: `${(4 * AT_EACH_TIME_MS) / 1000} s, tokens, reads and readiness checked at each`,
    });
  },
  size(120_000, 300_000),
);
