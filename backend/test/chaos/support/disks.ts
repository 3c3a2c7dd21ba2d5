/** Disks that can be filled and broken: small file systems mounted over the folder of the ingest log. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, truncateSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const run = (command: string, ...args: string[]) =>
  execFileSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  });

/** A data folder of which the ingest log may be a disk of its own. */
export class DataFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'telemetryflow-chaos-disk-'));
  readonly log = join(this.path, 'ingest');
  readonly #undo: (() => void)[] = [];
  #ballast: string | undefined;

  constructor() {
    mkdirSync(this.log);
  }

  /** The log on a file system in memory of this size. */
  mountSmall(bytes: number): void {
    run('mount', '-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', this.log);
    this.#undo.push(() => run('umount', '-l', this.log));
  }

  /** Takes all the space that is left. */
  fill(): void {
    this.#ballast = join(this.log, 'ballast');
    const file = openSync(this.#ballast, 'a');
    try {
      for (const size of [64 * 1024, 4096, 512]) fillBy(file, Buffer.alloc(size, 1));
    } finally {
      closeSync(file);
    }
  }

  /** Gives back what {@link fill} took. */
  empty(): void {
    if (this.#ballast !== undefined) rmSync(this.#ballast, { force: true });
  }

  /** From now on new files cannot be made in the log. Returns what ends that. */
  makeReadOnly(): () => void {
    run('mount', '--bind', this.log, this.log);
    run('mount', '-o', 'remount,bind,ro', this.log);
    const undo = () => run('umount', '-l', this.log);
    this.#undo.push(undo);
    return () => {
      this.#undo.splice(this.#undo.indexOf(undo), 1);
      undo();
    };
  }

  /** The log on a device whose far end can be taken away: writes there answer EIO, at the fdatasync. */
  mountDevice(bytes: number): { breakOff(): void; mend(): void } {
    const image = join(this.path, 'disk.img');
    closeSync(openSync(image, 'w'));
    truncateSync(image, bytes);
    run('mkfs.ext4', '-q', '-F', '-O', '^has_journal', '-E', 'lazy_itable_init=1', image);
    run('mount', '-o', 'loop,errors=continue', image, this.log);
    this.#undo.push(() => run('umount', '-l', this.log));
    const device = run('losetup', '-n', '-O', 'NAME', '-j', image).trim();
    const resize = (size: number) => {
      truncateSync(image, size);
      run('losetup', '-c', device);
    };
    return { breakOff: () => resize(2 ** 20), mend: () => resize(bytes) };
  }

  /** Takes every mount down. */
  restore(): void {
    for (const undo of this.#undo.splice(0).reverse()) undo();
    rmSync(join(this.path, 'disk.img'), { force: true });
  }

  /** Takes every mount down and removes the folder. */
  dispose(): void {
    this.restore();
    rmSync(this.path, { recursive: true, force: true });
  }
}

function fillBy(file: number, chunk: Buffer): void {
  try {
    for (;;) writeSync(file, chunk);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
  }
}

/** From now on the process can write no file beyond this size: a write across it is cut short, the next answers EFBIG. */
export function limitFileSize(pid: number, bytes: number | 'unlimited'): void {
  run('prlimit', '--pid', String(pid), `--fsize=${bytes}:`);
}
