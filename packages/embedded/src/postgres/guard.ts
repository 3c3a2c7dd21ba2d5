import { spawn, type ChildProcess } from 'node:child_process';

/**
 * The shell reads from a pipe whose write end only this process has; when this process is gone, however it went, the
 * read ends and the postmaster gets a fast shutdown, if the lock file still names it.
 */
const SCRIPT = `read -r _; read -r pid < "$2/postmaster.pid" && [ "$pid" = "$1" ] && kill -INT "$1"`;

/** Starts a tiny watcher that shuts PostgreSQL down when this process is killed. It ends with the postmaster. */
export function guardPostmaster(postmaster: ChildProcess, dir: string): void {
  if (postmaster.pid === undefined) return;
  const guard = spawn('/bin/sh', ['-c', SCRIPT, 'telemetryflow-guard', String(postmaster.pid), dir], {
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.on('error', () => undefined); // without a shell, the next start clears the way
  guard.stdin.on('error', () => undefined);
  guard.unref();
  postmaster.once('exit', () => {
    if (guard.pid === undefined || guard.exitCode !== null) return;
    try {
      process.kill(-guard.pid, 'SIGKILL'); // its session
    } catch {
      // it has ended by itself
    }
  });
}
