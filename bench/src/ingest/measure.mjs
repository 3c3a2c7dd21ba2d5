/** One row of the table: sends a scenario's load to the platform and counts what came of it. */
import { setTimeout as wait } from 'node:timers/promises';
import { quantile } from '../platform.mjs';
import { cpuBetween, cpuByThread, pssOfTree, usageOfTree } from '../usage.mjs';
import { HelperProcess } from './helper-process.mjs';

const RSS_EVERY_MS = 250;
const PSS_EVERY_MS = 2000;

/** Highest memory of the platform while it is watched. */
class MemoryWatch {
  rssBytes = 0;
  pssBytes = 0;
  #timers;

  constructor(pid) {
    const higher = (key, of) => () => (this[key] = Math.max(this[key], of(pid)));
    this.#timers = [
      setInterval(
        higher('rssBytes', (root) => usageOfTree(root).rssBytes),
        RSS_EVERY_MS,
      ),
      setInterval(higher('pssBytes', pssOfTree), PSS_EVERY_MS),
    ];
  }
  stop() {
    for (const timer of this.#timers) clearInterval(timer);
  }
}

async function counter(platform, name) {
  const text = await (await fetch(`${platform.url}/metrics`)).text();
  const value = new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)`, 'm').exec(text)?.[1];
  if (value === undefined) throw new Error(`/metrics does not report ${name}`);
  return Number(value);
}

const SEGMENTS = 'otlp_ingestion_segments_inserted_total';
const SYNCS = 'otlp_ingestion_fdatasyncs_total';

/** Acknowledged items by tenant id: what the load generator counted and what the prober sent. */
function acknowledgedByTenant(load, probes, tenantIds, ownTenantId) {
  const expected = new Map();
  const add = (tenant, items) => expected.set(tenant, (expected.get(tenant) ?? 0) + items);
  load.acknowledged.forEach((items, i) => add(tenantIds[i], items));
  if (probes !== undefined) add(ownTenantId, probes.acknowledged);
  return expected;
}

/** What makes the row worthless, in words; empty when all is well. */
function faultsOf(expected, stored, load) {
  const faults = [];
  for (const [tenant, items] of expected) {
    const there = stored.get(tenant) ?? 0;
    if (there !== items) faults.push(`tenant ${tenant}: ${items} items were acknowledged, ${there} are in the store`);
  }
  for (const [status, times] of Object.entries(load.refused)) faults.push(`${times} requests were refused (${status})`);
  if (faults.length > 5) faults.splice(5, faults.length, `and ${faults.length - 5} more`);
  return faults;
}

/**
 * Runs a scenario on a platform whose tables are emptied before. `lab` holds the platform, its store, the loader, the
 * tenants and the login; `ratePerSecond` of requests makes an open loop, with probes for visibility.
 */
export async function measure(lab, scenario, { ratePerSecond } = {}) {
  const { platform, store, loader, own, many, token } = lab;
  const requests = ratePerSecond === undefined ? scenario.requests : Math.round(scenario.seconds * ratePerSecond);
  const load = { ...scenario, requests };
  const sizes = await loader.ask({ type: 'prepare', load });
  const isMany = scenario.tenants > 1;
  const tenantIds = isMany ? many.ids.slice(0, scenario.tenants) : [own.tenant_id];
  const { otlpHttpUrl, otlpGrpcUrl } = platform;
  const keyHeaders = isMany ? many.keyHeaders : platform.keyHeaders;
  const endpoints = { otlpHttpUrl, otlpGrpcUrl, keyHeaders, tenants: isMany ? tenantIds : [null] };
  const prober = ratePerSecond === undefined ? undefined : new HelperProcess('./prober.mjs');

  await store.empty();
  await store.untilMerged();
  const [segments, syncs] = [await counter(platform, SEGMENTS), await counter(platform, SYNCS)];
  const memory = new MemoryWatch(platform.pid);
  const cpu = usageOfTree(platform.pid).cpuSeconds;
  const threads = cpuByThread(platform.pid);
  prober?.tell({ type: 'start', url: platform.url, otlpHttpUrl, keyHeaders: platform.keyHeaders, token });
  const result = await loader.ask({ type: 'run', endpoints, ratePerSecond });
  const probes = await prober?.ask({ type: 'stop' });
  prober?.end();
  const expected = acknowledgedByTenant(result, probes, tenantIds, own.tenant_id);
  const items = [...expected.values()].reduce((sum, n) => sum + n, 0);
  await store.untilThere(scenario.signal, expected);
  const seconds = (Date.now() - result.startedAtMs) / 1000;
  const fresh = await store.onDisk();
  await store.untilMerged();
  const cpuSeconds = usageOfTree(platform.pid).cpuSeconds - cpu;
  const byThread = cpuBetween(threads, cpuByThread(platform.pid));
  memory.stop();
  const merged = await store.onDisk();
  const faults = faultsOf(expected, await store.itemsByTenant(scenario.signal), result);
  const made = (await counter(platform, SEGMENTS)) - segments;
  return {
    name: scenario.name,
    title: scenario.title,
    items,
    requests,
    seconds,
    itemsPerSecond: items / seconds,
    requestsPerSecond: requests / seconds,
    mbPerSecond: (sizes.rawBytes * (items / (requests * scenario.items))) / seconds / 1e6,
    rawBytesPerItem: sizes.rawBytes / (requests * scenario.items),
    wireBytesPerItem: sizes.wireBytes / (requests * scenario.items),
    cpuSeconds,
    // The probes' reads are in the CPU of their row, so that it says nothing about ingest.
    itemsPerCpuSecond: probes === undefined ? items / cpuSeconds : null,
    acknowledgedP50Ms: quantile(result.latenciesMs, 0.5),
    acknowledgedP99Ms: quantile(result.latenciesMs, 0.99),
    visibleP95Ms: probes === undefined ? null : quantile(probes.visibleMs, 0.95),
    probes: probes?.visibleMs.length ?? 0,
    peakRssBytes: memory.rssBytes,
    peakPssBytes: memory.pssBytes,
    bytesPerItemFresh: fresh.bytes / items,
    bytesPerItemMerged: merged.bytes / items,
    partsFresh: fresh.parts,
    partsMerged: merged.parts,
    segments: made,
    fdatasyncs: (await counter(platform, SYNCS)) - syncs,
    requestsPerSegment: requests / Math.max(1, made),
    pushedBack: result.pushedBack,
    faults,
    byThread,
  };
}

/** Share of a core that the whole platform uses while nothing arrives. */
export async function measureIdle({ platform, store }, seconds) {
  await store.untilMerged();
  await wait(1000);
  const [cpu, threads] = [usageOfTree(platform.pid).cpuSeconds, cpuByThread(platform.pid)];
  const started = performance.now();
  await wait(seconds * 1000);
  const elapsed = (performance.now() - started) / 1000;
  const used = usageOfTree(platform.pid).cpuSeconds - cpu;
  return { seconds: elapsed, cores: used / elapsed, byThread: cpuBetween(threads, cpuByThread(platform.pid)) };
}
