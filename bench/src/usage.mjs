/** What processes use, out of /proc (Linux). */
import { readFileSync, readdirSync } from 'node:fs';

const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

/** A process or thread that ends while it is looked at has no figures. */
function readUnlessGone(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function parseStat(text) {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  const fields = text.slice(close + 2).split(' ');
  return {
    id: Number(text.slice(0, open)),
    name: text.slice(open + 1, close),
    ppid: Number(fields[1]),
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    /** Of children that have ended: a database connection that closes takes its process, not what it used. */
    endedChildrenCpuSeconds: (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND,
    rssBytes: Number(fields[21]) * PAGE_BYTES,
  };
}

function statsIn(folder) {
  let names;
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readUnlessGone(`${folder}/${name}/stat`))
    .filter((text) => text !== undefined)
    .map(parseStat);
}

/** A process and everything below it. */
function treeOf(pid) {
  const all = statsIn('/proc');
  const tree = new Set([pid]);
  for (let grew = true; grew;) {
    grew = false;
    for (const { id, ppid } of all) {
      if (tree.has(id) || !tree.has(ppid)) continue;
      tree.add(id);
      grew = true;
    }
  }
  return all.filter(({ id }) => tree.has(id));
}

/** CPU seconds used so far and resident memory of a process and everything below it; shared pages count once each. */
export function usageOfTree(pid) {
  const mine = treeOf(pid);
  const sum = (key) => mine.reduce((total, p) => total + p[key], 0);
  return { cpuSeconds: sum('cpuSeconds') + sum('endedChildrenCpuSeconds'), rssBytes: sum('rssBytes') };
}

/** Proportional memory of a tree: a page that several processes share counts once in all. */
export function pssOfTree(pid) {
  return treeOf(pid).reduce((total, { id }) => {
    const kib = /^Pss:\s+(\d+) kB/m.exec(readUnlessGone(`/proc/${id}/smaps_rollup`) ?? '')?.[1] ?? 0;
    return total + Number(kib) * 1024;
  }, 0);
}

function partOf({ id, name }, root) {
  if (id === root) return 'server';
  const command = readUnlessGone(`/proc/${id}/cmdline`) ?? name;
  if (command.includes('telemetryflow-clickhouse')) return 'store (chDB)';
  if (command.includes('postgres')) return 'PostgreSQL';
  return name;
}

/**
 * CPU seconds so far by part of the platform and, within the server and the store, by the name of the thread; what ended
 * threads used is `ended threads`. Subtract two of these with {@link cpuBetween}.
 */
export function cpuByThread(pid) {
  const seconds = new Map();
  const add = (part, thread, value) => {
    const key = `${part}\t${thread}`;
    seconds.set(key, (seconds.get(key) ?? 0) + value);
  };
  for (const process of treeOf(pid)) {
    const part = partOf(process, pid);
    add(part, 'ended children', process.endedChildrenCpuSeconds);
    if (part !== 'server' && part !== 'store (chDB)') {
      add(part, '', process.cpuSeconds);
      continue;
    }
    let living = 0;
    for (const thread of statsIn(`/proc/${process.id}/task`)) {
      const name = thread.id === process.id ? 'main' : thread.name.replace(/[-_:]?\d+$/, '');
      add(part, name, thread.cpuSeconds);
      living += thread.cpuSeconds;
    }
    add(part, 'ended threads', process.cpuSeconds - living);
  }
  return seconds;
}

/** `[{ part, thread, cpuSeconds }]`, most first within a part; threads below `least` seconds are gathered as `other`. */
export function cpuBetween(before, after, least = 0.02) {
  const rows = [];
  const others = new Map();
  for (const [key, value] of after) {
    const [part, thread] = key.split('\t');
    const used = value - (before.get(key) ?? 0);
    if (Math.abs(used) >= least) rows.push({ part, thread, cpuSeconds: used });
    else others.set(part, (others.get(part) ?? 0) + used);
  }
  for (const [part, cpuSeconds] of others) rows.push({ part, thread: 'other', cpuSeconds });
  return rows.toSorted((a, b) => a.part.localeCompare(b.part) || b.cpuSeconds - a.cpuSeconds);
}

/** CPU seconds of one process so far, its ended threads included. */
export function cpuOfProcess(pid) {
  return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8')).cpuSeconds;
}
