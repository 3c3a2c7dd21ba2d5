import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Severity, type LogPattern, type LogPatternSample } from '@telemetryflow/contracts';
import { Drain, type Cluster } from './drain.js';
import { patternText, templateFilter, type Wording } from './template.js';

/** A record of the sample, its text as far as it was read. */
export interface SampledLog {
  readonly recordId: string;
  readonly timeNs: string;
  readonly severityNumber: number;
  /** What its severity is called: a position in `Severity.options`. */
  readonly class: number;
  readonly serviceName: string;
  readonly beginning: string;
  readonly bodyType: string;
  readonly eventName: string;
}

/** What is known of one pattern. */
interface Tally {
  readonly wording: Wording;
  readonly template: readonly string[];
  isLoose: boolean;
  /** Some texts go on beyond what was read of them. */
  isCut: boolean;
  count: number;
  readonly severities: Map<Severity, number>;
  readonly services: Map<string, number>;
  readonly trend: number[];
  firstNs: bigint;
  lastNs: bigint;
  samples: LogPatternSample[];
}

/** Characters that are read of a text. */
export const CHARACTERS = 1000;
/** So many records are clustered before others get their turn. */
const TURN = 500;
const MAX_SAMPLES = 3;
const MAX_SERVICES = 5;

/**
 * The patterns of a sample, most frequent first, with counts multiplied by `factor` (matching records per sampled one).
 *
 * @param times starts of the trend's steps in Unix ms, ascending
 */
export async function findPatterns(
  logs: readonly SampledLog[],
  times: readonly number[],
  factor: number,
): Promise<LogPattern[]> {
  const drains = new Map<Wording, Drain>();
  const tallies = new Map<Cluster, Tally>();
  for (const [i, log] of logs.entries()) {
    if (i % TURN === TURN - 1) await nextTurn();
    const { wording, text, tokens } = patternText(log.beginning, log.bodyType, log.eventName);
    const drain = drains.get(wording) ?? new Drain();
    drains.set(wording, drain);
    const cluster = drain.add(tokens);
    const tally = tallies.get(cluster) ?? emptyTally(wording, cluster.template, log, times.length);
    tallies.set(cluster, tally);
    count(tally, log, text, times);
  }
  return merged([...tallies.values()])
    .map((tally) => toPattern(tally, factor))
    .sort((a, b) => b.count - a.count || (a.template < b.template ? -1 : 1));
}

function emptyTally(wording: Wording, template: readonly string[], log: SampledLog, steps: number): Tally {
  return {
    wording,
    template,
    isLoose: false,
    isCut: false,
    count: 0,
    severities: new Map(),
    services: new Map(),
    trend: Array.from({ length: steps }, () => 0),
    firstNs: BigInt(log.timeNs),
    lastNs: BigInt(log.timeNs),
    samples: [],
  };
}

function count(tally: Tally, log: SampledLog, text: string, times: readonly number[]): void {
  const ns = BigInt(log.timeNs);
  const severity = Severity.options[log.class] ?? 'unspecified';
  const step = stepAt(times, Number(ns / 1_000_000n));
  tally.count++;
  tally.isLoose ||= /\s\s|[^\S ]|^\s|\s$/.test(text);
  tally.isCut ||= log.beginning.length >= CHARACTERS;
  tally.severities.set(severity, (tally.severities.get(severity) ?? 0) + 1);
  tally.services.set(log.serviceName, (tally.services.get(log.serviceName) ?? 0) + 1);
  if (step >= 0) tally.trend[step] = (tally.trend[step] ?? 0) + 1;
  if (ns < tally.firstNs) tally.firstNs = ns;
  if (ns > tally.lastNs) tally.lastNs = ns;
  const oldest = tally.samples.at(-1);
  if (tally.samples.length < MAX_SAMPLES || (oldest !== undefined && BigInt(oldest.timeUnixNano) < ns)) {
    const { recordId: id, timeNs: timeUnixNano, serviceName, severityNumber } = log;
    tally.samples = newest([...tally.samples, { id, timeUnixNano, serviceName, severityNumber, text }]);
  }
}

/** Clusters that were found apart and have become the same template. */
function merged(tallies: readonly Tally[]): Tally[] {
  const byTemplate = new Map<string, Tally>();
  for (const tally of tallies) {
    const key = `${tally.wording} ${tally.template.join(' ')}`;
    const same = byTemplate.get(key);
    if (same === undefined) byTemplate.set(key, tally);
    else absorb(same, tally);
  }
  return [...byTemplate.values()];
}

function absorb(into: Tally, from: Tally): void {
  into.count += from.count;
  into.isLoose ||= from.isLoose;
  into.isCut ||= from.isCut;
  for (const [severity, n] of from.severities) into.severities.set(severity, (into.severities.get(severity) ?? 0) + n);
  for (const [service, n] of from.services) into.services.set(service, (into.services.get(service) ?? 0) + n);
  from.trend.forEach((n, i) => (into.trend[i] = (into.trend[i] ?? 0) + n));
  if (from.firstNs < into.firstNs) into.firstNs = from.firstNs;
  if (from.lastNs > into.lastNs) into.lastNs = from.lastNs;
  into.samples = newest([...into.samples, ...from.samples]);
}

function newest(samples: readonly LogPatternSample[]): LogPatternSample[] {
  return [...samples].sort((a, b) => (BigInt(a.timeUnixNano) < BigInt(b.timeUnixNano) ? 1 : -1)).slice(0, MAX_SAMPLES);
}

function toPattern(tally: Tally, factor: number): LogPattern {
  const template = tally.template.join(' ');
  const estimate = (n: number) => Math.round(n * factor);
  return {
    id: createHash('sha256').update(`${tally.wording} ${template}`).digest('hex').slice(0, 16),
    template,
    filter: templateFilter(tally.template, tally),
    count: estimate(tally.count),
    severities: Object.fromEntries([...tally.severities].map(([severity, n]) => [severity, estimate(n)])),
    services: [...tally.services]
      .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
      .slice(0, MAX_SERVICES)
      .map(([name, n]) => ({ name, count: estimate(n) })),
    firstSeen: instant(tally.firstNs),
    lastSeen: instant(tally.lastNs),
    trend: tally.trend.map(estimate),
    samples: tally.samples,
  };
}

const instant = (ns: bigint) => new Date(Number(ns / 1_000_000n)).toISOString();

/** The last step that begins at or before the instant; -1 before the first. */
function stepAt(times: readonly number[], ms: number): number {
  let [low, high] = [0, times.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? Infinity) <= ms) low = middle + 1;
    else high = middle - 1;
  }
  return high;
}
