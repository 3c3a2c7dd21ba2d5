import { afterEach, describe, expect, it } from 'vitest';
import { eventually, recordingLogger } from '../testing/harness.js';
import { spawnDetached, Supervisor, type EngineProcess } from './supervisor.js';

const supervisors: Supervisor[] = [];
afterEach(async () => {
  await Promise.all(supervisors.splice(0).map((supervisor) => supervisor.stop()));
});

/** A process that says READY and lives until it is told to end. */
function processRunning(script: string, more: Partial<EngineProcess> = {}): EngineProcess {
  return {
    name: 'postgres',
    launch: () => spawnDetached(process.execPath, ['-e', script], {}),
    untilReady: (child, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        child.stdout?.on('data', (text: string) => text.includes('READY') && resolve());
      }),
    askToStop: (child) => child.kill('SIGTERM'),
    ...more,
  };
}

function supervise(process: EngineProcess, options: { stopTimeoutMs?: number; readyTimeoutMs?: number } = {}) {
  const logger = recordingLogger();
  const supervisor = new Supervisor(process, { logger, ...options });
  supervisors.push(supervisor);
  return { supervisor, logger };
}

const LIVES = "console.log('READY'); setInterval(() => {}, 1000);";

describe('Supervisor', () => {
  it('forwards the lines of its child to the log', async () => {
    const { supervisor, logger } = supervise(processRunning(`console.error('one\\ntwo'); ${LIVES}`));
    await supervisor.start();
    expect(supervisor.state).toBe('ready');
    await eventually('lines', () =>
      ['one', 'two', 'READY'].every((msg) => logger.lines.some((line) => line.msg === msg)),
    );
  });

  it('launches a child again that died, counts it and tells it', async () => {
    const { supervisor } = supervise(processRunning(LIVES));
    const states: string[] = [];
    supervisor.onStateChange((state) => states.push(state));
    await supervisor.start();
    const { pid } = supervisor;
    process.kill(pid ?? 0, 'SIGKILL');
    await eventually('it is noticed', () => supervisor.state === 'restarting');
    await supervisor.whenReady();
    expect(supervisor.restarts).toBe(1);
    expect(supervisor.pid).not.toBe(pid);
    expect(states).toEqual(['ready', 'restarting', 'ready']);
  });

  it('rejects the first start with the last words of a child that does not come up', async () => {
    let launches = 0;
    const failing = processRunning("console.error('cannot do it'); process.exit(3)");
    const { supervisor } = supervise({ ...failing, launch: () => (launches++, failing.launch()) });
    await expect(supervisor.start()).rejects.toThrow(/exit code 3\): cannot do it/);
    expect(launches).toBe(3);
    expect(supervisor.state).toBe('failed');
  });

  it('rejects the first start of a program that is not there', async () => {
    const { supervisor } = supervise(processRunning('', { launch: () => spawnDetached('/no/such/program', [], {}) }));
    await expect(supervisor.start()).rejects.toThrow('ENOENT');
  });

  it('kills a child that does not stop when asked', async () => {
    const { supervisor, logger } = supervise(processRunning(`process.on('SIGTERM', () => {}); ${LIVES}`), {
      stopTimeoutMs: 100,
    });
    await supervisor.start();
    const { pid } = supervisor;
    await supervisor.stop();
    expect(() => process.kill(pid ?? 0, 0)).toThrow('ESRCH');
    expect(logger.lines).toContainEqual({ level: 'warn', msg: 'engine did not stop in time, killing it' });
  });

  it('stays stopped when stopped between death and relaunch', async () => {
    const { supervisor } = supervise(processRunning(LIVES));
    await supervisor.start();
    process.kill(supervisor.pid ?? 0, 'SIGKILL');
    await eventually('it is noticed', () => supervisor.state === 'restarting');
    await supervisor.stop();
    expect(supervisor.state).toBe('stopped');
    expect(supervisor.pid).toBeUndefined();
    await expect(supervisor.whenReady()).rejects.toThrow('stopped');
  });

  it('gives up waiting for readiness, not the child, after the timeout of whenReady', async () => {
    const { supervisor } = supervise(processRunning(LIVES));
    await expect(supervisor.whenReady(20)).rejects.toThrow('not ready after 20 ms');
  });
});
