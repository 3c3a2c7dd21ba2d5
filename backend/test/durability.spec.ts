/** Kill −9 of any process while clients send: what was acknowledged is there exactly once, and everything is back. */
import { execFileSync } from 'node:child_process';
import type { LogsResponse } from '@telemetryflow/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LOGS_PER_REQUEST, LogSender } from './support/log-sender.js';
import { type Key, TestPlatform, eventually } from './support/platform.js';

let platform: TestPlatform;
let key: Key;
beforeAll(async () => {
  platform = await TestPlatform.start();
  key = await platform.developmentKey();
});
afterAll(() => platform?.dispose());

const newSender = (service: string) => new LogSender({ node: platform, key, service, loops: 4 });

/** Every log body of the service, through the read API. */
async function readBack(service: string): Promise<string[]> {
  const bodies: string[] = [];
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({
      filter: `service:${service}`,
      limit: '1000',
      from: 'now-1h',
      to: 'now+1h',
      ...(cursor ? { cursor } : {}),
    });
    const { status, body }: { status: number; body: LogsResponse } = await platform.api<LogsResponse>(
      'GET',
      `/api/v2/telemetry/logs?${query}`,
    );
    if (status !== 200) throw new Error(`the logs answered ${status}: ${JSON.stringify(body)}`);
    bodies.push(...body.data.map((l) => String(l.body)));
    cursor = body.meta.nextCursor;
  } while (cursor);
  return bodies;
}

async function expectExactlyOnce(sender: LogSender): Promise<void> {
  expect(sender.acknowledged.size).toBeGreaterThan(LOGS_PER_REQUEST);
  const bodies = await eventually(
    'every acknowledged record',
    async () => {
      const read = await readBack(sender.service);
      const present = new Set(read);
      return [...sender.acknowledged].every((id) => present.has(id)) ? read : undefined;
    },
    60_000,
  );
  expect(bodies.length).toBe(new Set(bodies).size);
}

const acknowledgedMore = (sender: LogSender, count: number) => {
  const goal = sender.acknowledged.size + count;
  return eventually('more acknowledgements', async () => (sender.acknowledged.size >= goal ? true : undefined), 60_000);
};

/** Process ids below the server whose command line matches. */
function descendants(pattern: RegExp): number[] {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((m) => m !== null)
    .map(([, pid, ppid, args]) => ({ pid: Number(pid), ppid: Number(ppid), args: args ?? '' }));
  const below = (pid: number): typeof rows => rows.filter((r) => r.ppid === pid).flatMap((r) => [r, ...below(r.pid)]);
  return below(platform.pid)
    .filter((r) => pattern.test(r.args))
    .map((r) => r.pid);
}

it('loses and doubles nothing when the server is killed, three times in a row', async () => {
  const sender = newSender('kill-server');
  for (let round = 0; round < 3; round += 1) {
    await acknowledgedMore(sender, 100);
    await platform.kill();
    await platform.launch();
  }
  await acknowledgedMore(sender, 100);
  await sender.stop();
  await expectExactlyOnce(sender);
});

it('keeps acknowledging while ClickHouse is killed, and inserts everything once', async () => {
  const sender = newSender('kill-clickhouse');
  for (let round = 0; round < 3; round += 1) {
    await acknowledgedMore(sender, 50);
    const [pid] = await eventually('the ClickHouse process', async () => {
      const found = descendants(/clickhouse/i);
      return found.length > 0 ? found : undefined;
    });
    process.kill(pid!, 'SIGKILL');
    // Acknowledged while the store is away or just back.
    await acknowledgedMore(sender, 50);
  }
  await sender.stop();
  await expectExactlyOnce(sender);
});

it('is itself again after PostgreSQL was killed', async () => {
  const [pid] = descendants(/postgres.*-D|bin\/postgres /i);
  process.kill(pid!, 'SIGKILL');
  await eventually(
    'a login',
    async () => {
      const { status } = await platform.request('POST', '/api/v2/auth/login', {
        body: { email: 'viewer.telemetryflow@telemetryflow.id', password: 'Viewer@123456' },
      });
      return status === 200 ? true : undefined;
    },
    60_000,
  );
  const { status } = await platform.request('GET', '/health/ready');
  expect(status).toBe(200);
});

it('leaves no process behind when it is told to stop', async () => {
  const before = descendants(/./);
  expect(before.length).toBeGreaterThan(0);
  expect(await platform.stop()).toBe(0);
  const states = execFileSync('ps', ['-eo', 'pid=,stat='], { encoding: 'utf8' }).split('\n');
  // A zombie is an exit status that nobody has read yet, not a process.
  const alive = before.filter((pid) => states.some((row) => new RegExp(`^\\s*${pid}\\s+[^Z]`).test(row)));
  expect(alive).toEqual([]);
});
