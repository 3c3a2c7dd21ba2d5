/**
 * The disk of the ingest log is full, breaks, or refuses: ingest answers 503 with a time to come back, goes on running,
 * is itself again when the disk is, and nothing that was acknowledged is lost and nothing torn is believed.
 */
import { afterAll, afterEach, beforeEach, expect, it, type TestContext } from 'vitest';
import { DataFolder, limitFileSize } from './support/disks.ts';
import { SEEDED, report, size } from './support/scale.ts';
import { Scene } from './support/scene.ts';
import { pause, until } from './support/until.ts';

const BROKEN_MS = size(1_000, 20_000);
const MiB = 2 ** 20;
const TEST_MS = size(120_000, 300_000);
/** New files are needed often: an open one may stay writable on a disk that lets none be made. */
const SMALL_SEGMENTS = { INGEST_SEGMENT_BYTES: String(64 * 1024) };

const folder = new DataFolder();
const env: Record<string, string> = {};
const scene = new Scene({ dataDir: folder.path, items: 24, logBytes: 4096, env });

beforeEach(() => {
  Object.assign(env, { INGEST_MIN_FREE_BYTES: '0', ...SMALL_SEGMENTS });
  scene.statuses.clear();
});
afterEach(async () => {
  await scene.rest();
  await scene.server.stop();
  folder.restore();
});
afterAll(async () => {
  await scene.dispose();
  folder.dispose();
});

/** Mounting is a right of root's that containers take away: what needs it says so in its name, and is skipped without. */
function mounted<T>(context: TestContext, mount: () => T): T {
  try {
    return mount();
  } catch (error) {
    return context.skip(`mounts are not allowed here: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const acknowledged = (more: number) => {
  const goal = scene.ledger.acknowledged + more;
  return until(`${more} more acknowledged requests`, () => scene.ledger.acknowledged >= goal, 60_000);
};

interface Fault {
  readonly name: string;
  /** What breaks takes along what is on the disk, which no log can survive: all of it is in the store before. */
  readonly destroys?: boolean;
  readonly breakIt: () => void;
  /** Called again and again while it is broken. */
  readonly keepBroken?: () => void;
  readonly mendIt: () => void;
}

async function survives({ name, destroys = false, breakIt, keepBroken, mendIt }: Fault): Promise<void> {
  let load = scene.send();
  await acknowledged(50);
  expect(scene.answersBeside(/^(200|0)$/)).toEqual([]);
  if (destroys) {
    await scene.rest();
    await scene.server.untilDrained();
  }
  breakIt();
  if (destroys) load = scene.send();
  try {
    const refused = () => ['503', 'grpc 14'].every((status) => scene.statuses.has(status));
    await until('refusals on every transport', () => {
      keepBroken?.();
      return refused();
    });
    const end = performance.now() + BROKEN_MS;
    for (; performance.now() < end; await pause(50)) keepBroken?.();
    expect((await fetch(`${scene.server.url}/health/live`)).status).toBe(200);
  } finally {
    mendIt();
  }
  await acknowledged(50);
  expect(scene.answersBeside(/^(200|0|503|grpc 14)$/)).toEqual([]);
  const refusals = (scene.statuses.get('503') ?? 0) + (scene.statuses.get('grpc 14') ?? 0);
  await scene.rest();
  expect(load.refusalsWithoutRetry).toBe(0);
  const verdict = await scene.verified();
  expect(await scene.server.metric('otlp_ingestion_damaged_regions_total')).toBe(0);
  expect((await fetch(`${scene.server.url}/health/ready`)).status).toBe(200);
  report(name, {
    'items acknowledged': verdict.acknowledgedItems,
    lost: 0,
    doubled: 0,
    detail: `${BROKEN_MS / 1000} s, ${refusals} refusals`,
  });
}

it(
  `survives a full disk: ENOSPC (needs mounts, ${SEEDED})`,
  async (context) => {
    mounted(context, () => folder.mountSmall(24 * MiB));
    await scene.server.launch();
    await survives({
      name: 'disk of the log full (ENOSPC)',
      breakIt: () => folder.fill(),
      keepBroken: () => folder.fill(),
      mendIt: () => folder.empty(),
    });
  },
  TEST_MS,
);

it(
  `keeps its reserve of free space and never fills the disk itself (needs mounts, ${SEEDED})`,
  async (context) => {
    mounted(context, () => folder.mountSmall(24 * MiB));
    const reserve = 16 * MiB;
    env.INGEST_MIN_FREE_BYTES = String(reserve);
    await scene.server.launch();
    const [store] = scene.server.pids('clickhouse');
    process.kill(store!, 'SIGSTOP');
    const load = scene.send();
    try {
      await until(
        'refusals on every transport',
        () => ['503', 'grpc 14'].every((status) => scene.statuses.has(status)),
        60_000,
      );
      // Bodies that were let in before the measurement may still be written.
      expect(await scene.server.metric('otlp_ingestion_free_disk_bytes')).toBeGreaterThan(reserve - 4 * MiB);
    } finally {
      process.kill(store!, 'SIGCONT');
    }
    await acknowledged(20);
    await scene.rest();
    expect(load.refusalsWithoutRetry).toBe(0);
    const verdict = await scene.verified();
    report('free-space reserve of the log', { 'items acknowledged': verdict.acknowledgedItems, lost: 0, doubled: 0 });
  },
  TEST_MS,
);

it(
  `survives a disk that breaks: EIO at the fdatasync (needs mounts, ${SEEDED})`,
  async (context) => {
    const device = mounted(context, () => folder.mountDevice(64 * MiB));
    await scene.server.launch();
    await survives({
      name: 'disk of the log broken (EIO)',
      destroys: true,
      breakIt: () => device.breakOff(),
      mendIt: () => device.mend(),
    });
  },
  TEST_MS,
);

it(
  `survives a disk that turns read-only: EROFS (needs mounts, ${SEEDED})`,
  async (context) => {
    mounted(context, () => folder.makeReadOnly()());
    await scene.server.launch();
    let mend = () => {};
    await survives({
      name: 'disk of the log read-only (EROFS)',
      breakIt: () => (mend = folder.makeReadOnly()),
      mendIt: () => mend(),
    });
  },
  TEST_MS,
);

it(
  `survives writes that stop in the middle of a record: EFBIG (${SEEDED})`,
  async () => {
    await scene.server.launch();
    await survives({
      name: 'writes cut short (EFBIG)',
      breakIt: () => limitFileSize(scene.server.pid, 10_000),
      mendIt: () => limitFileSize(scene.server.pid, 'unlimited'),
    });
  },
  TEST_MS,
);
