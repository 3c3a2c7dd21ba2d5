/** What the processes of a platform are and what they hold, read from /proc (Linux). */
import { readFileSync, readdirSync } from 'node:fs';

export type Part = 'server' | 'clickhouse' | 'postgres';

export interface ProcessInfo {
  readonly pid: number;
  readonly part: Part;
  readonly command: string;
}

const PAGE_BYTES = 4096;

function stat(pid: number): { ppid: number; state: string; rssBytes: number; cpuTicks: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the command's name, is in parentheses and may hold spaces.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return {
      state: fields[0] ?? '',
      ppid: Number(fields[1]),
      cpuTicks: Number(fields[11]) + Number(fields[12]),
      rssBytes: Number(fields[21]) * PAGE_BYTES,
    };
  } catch {
    return undefined;
  }
}

function partOf(command: string): Part {
  if (/clickhouse/i.test(command)) return 'clickhouse';
  return /postgres/i.test(command) ? 'postgres' : 'server';
}

/** A process and all that descend from it, zombies aside. */
export function processTree(root: number): ProcessInfo[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    const found = Number.isInteger(pid) ? stat(pid) : undefined;
    if (found !== undefined && found.state !== 'Z') parents.set(pid, found.ppid);
  }
  const isBelow = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at))
      if (at === root) return true;
    return false;
  };
  return [...parents.keys()].filter(isBelow).flatMap((pid) => {
    const command = commandOf(pid);
    return command === undefined ? [] : [{ pid, command, part: pid === root ? 'server' : partOf(command) }];
  });
}

function commandOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return undefined;
  }
}

/** Whether a process is there and not a zombie. */
export function isAlive(pid: number): boolean {
  const found = stat(pid);
  return found !== undefined && found.state !== 'Z';
}

export interface Usage {
  readonly rssBytes: number;
  readonly openFiles: number;
  readonly cpuSeconds: number;
}

/** What the processes of each part hold together. */
export function usageByPart(root: number): Record<Part, Usage> {
  const parts = { server: nothing(), clickhouse: nothing(), postgres: nothing() };
  for (const { pid, part } of processTree(root)) {
    const found = stat(pid);
    if (found === undefined) continue;
    parts[part].rssBytes += found.rssBytes;
    parts[part].cpuSeconds += found.cpuTicks / 100;
    parts[part].openFiles += openFiles(pid);
  }
  return parts;
}

function nothing(): { rssBytes: number; openFiles: number; cpuSeconds: number } {
  return { rssBytes: 0, openFiles: 0, cpuSeconds: 0 };
}

/** Open file descriptors of one process; 0 when it has just ended. */
export function openFiles(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}
