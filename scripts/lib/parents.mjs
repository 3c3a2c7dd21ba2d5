/** Notices that the npm command which runs a script is gone: nobody else could end the script then. */
import { readFileSync } from 'node:fs';

const EVERY_MS = 500;

/** Process id of a process' parent; undefined where the system does not tell by file. */
function parentOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the command's name, is in parentheses and may hold spaces.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

/**
 * Calls `gone` once when npm, or the shell that npm runs the script in, has ended without ending the script, as after a
 * kill -9. Does nothing when the script was not run by npm.
 */
export function whenNpmIsGone(gone) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const shell = process.ppid;
  const npm = parentOf(shell);
  const timer = setInterval(() => {
    if (process.ppid === shell && parentOf(shell) === npm) return;
    clearInterval(timer);
    gone();
  }, EVERY_MS);
  timer.unref();
}
