/**
 * What each view, index, codec and ordering of the telemetry tables costs, one at a time: the same RowBinary segments,
 * made by the transcoder from random requests, go into the tables of the migration and into copies of them that differ in
 * one choice. Every variant has a process and a data folder of its own, with the embedded engine in it.
 *
 *   node bench/src/store-tables.mjs [layout|views|indexes|codecs|order|merges] [--signal traces|logs|metrics] [--items 400000]
 *
 * "insert" is the CPU time of the inserts with all their views and indexes, merges held back; "merge" that of one merge of
 * all parts of all tables, or (of `merges`) of what the engine merges by itself; bytes are those afterwards.
 */
import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SegmentIdentities, TABLES, Transcoder, uuidToRowBinary } from '@telemetryflow/otlp';
import { makeBodies } from './ingest/bodies.mjs';
import { VARIANTS } from './store/variants.mjs';

const IDENTITIES = ['resources_v3', 'scopes_v3', 'series_v3'];
const ITEMS_PER_REQUEST = 500;
const DEFAULT_SEGMENT_ITEMS = '25000';

/** Segments as files, per table one block, identities first, as the drain sends them. */
async function makeSegments(folder, signal, items, tenants) {
  const requests = Math.ceil(items / ITEMS_PER_REQUEST);
  const load = { signal, encoding: 'protobuf', compression: 'none', items: ITEMS_PER_REQUEST, requests, templates: 48 };
  const { bodies } = await makeBodies(load);
  const requestsPerSegment = Math.max(1, Math.round(Number(values['segment-items']) / ITEMS_PER_REQUEST));
  const transcoder = new Transcoder();
  const inserts = [];
  for (let from = 0; from < requests; from += requestsPerSegment) {
    const identities = new SegmentIdentities();
    const blocks = new Map();
    bodies.slice(from, from + requestsPerSegment).forEach((body, n) => {
      const tenantId = uuidToRowBinary(
        `00000000-0000-4000-8000-${String(1 + ((from + n) % tenants)).padStart(12, '0')}`,
      );
      const result = transcoder.transcode(signal, 'protobuf', body, { tenantId, receivedAtMs: Date.now(), identities });
      for (const { table, bytes } of result.blocks) {
        if (!blocks.has(table)) blocks.set(table, []);
        blocks.get(table).push(Buffer.from(bytes));
      }
    });
    for (const [table, parts] of [...blocks].toSorted(([a], [b]) => IDENTITIES.includes(b) - IDENTITIES.includes(a))) {
      const file = join(folder, `${inserts.length}.bin`);
      writeFileSync(file, Buffer.concat(parts));
      inserts.push({ table, file, columns: TABLES[table].columns });
    }
  }
  return { inserts, items: requests * ITEMS_PER_REQUEST };
}

function measure(job) {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(new URL('./store/measure-variant.mjs', import.meta.url)), {
      serialization: 'advanced',
    });
    let answer;
    child.on('message', (message) => (answer = message));
    child.on('exit', (code) => (answer ? resolve(answer) : reject(new Error(`${job.name} ended with ${code}`))));
    child.send(job);
  });
}

/** Of two findings of one variant, the smaller of each figure. */
function smallest(a, b) {
  if (a === undefined) return b;
  const least = (x, y) => Object.fromEntries(Object.entries(x).map(([key, value]) => [key, Math.min(value, y[key])]));
  const { queries, columnBytes, ...figures } = a;
  return { ...least(figures, b), queries: least(queries, b.queries), columnBytes };
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    signal: { type: 'string' },
    items: { type: 'string', default: '400000' },
    tenants: { type: 'string', default: '1' },
    'segment-items': { type: 'string', default: DEFAULT_SEGMENT_ITEMS },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
    columns: { type: 'boolean' },
  },
});
const groups = positionals.length > 0 ? positionals : Object.keys(VARIANTS);
for (const group of groups) {
  for (const [signal, variants] of Object.entries(VARIANTS[group] ?? {})) {
    if (values.signal !== undefined && values.signal !== signal) continue;
    const folder = mkdtempSync(join(tmpdir(), 'store-tables-'));
    try {
      const made = await makeSegments(folder, signal, Number(values.items), Number(values.tenants));
      process.stdout.write(`${group}, ${signal}, ${made.items} items, ${values.tenants} tenant(s)\n`);
      const chosen = Object.keys(variants).filter((name) => new RegExp(values.only ?? '').test(name));
      const best = new Map();
      // Other work on the machine only ever adds: the smallest of several interleaved runs is the nearest to the truth.
      for (let round = 0; round < Number(values.rounds); round++) {
        for (const name of chosen) {
          const dir = join(folder, 'data');
          mkdirSync(dir);
          const found = await measure({ name, group, signal, dir, inserts: made.inserts, columns: values.columns });
          rmSync(dir, { recursive: true, force: true });
          best.set(name, smallest(best.get(name), found));
        }
      }
      const rows = [...best].map(([variant, { insertSeconds, mergeSeconds, bytes, peakMiB, queries, rewritten }]) => ({
        variant,
        'insert, rows/CPU s': Math.round(made.items / insertSeconds),
        'insert, us/row': ((insertSeconds * 1e6) / made.items).toFixed(2),
        'merge, us/row': ((mergeSeconds * 1e6) / made.items).toFixed(2),
        'rows rewritten per row': rewritten.toFixed(2),
        'bytes/row': (bytes / made.items).toFixed(1),
        'peak MiB': peakMiB,
        ...Object.fromEntries(Object.entries(queries).map(([query, ms]) => [`${query}, ms`, ms])),
      }));
      if (values.columns) for (const [name, { columnBytes }] of best) process.stdout.write(`${name}\n${columnBytes}\n`);
      console.table(rows);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}
