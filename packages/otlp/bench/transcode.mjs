/**
 * CPU time of one core per item: transcoding OTLP protobuf to RowBinary, beside protobufjs merely decoding the same bytes.
 * Requests of one item, of 1,000 and of 8,000, and 100,000 metric series in turn.
 *
 *   node packages/otlp/bench/transcode.mjs [--json] [--items 1,1000,8000] [--seconds 2]   (build first: tsc -b packages/otlp)
 */
import { parseArgs } from 'node:util';
import { SegmentIdentities, Transcoder, uuidToRowBinary } from '../dist/index.js';
import { REQUEST_TYPES } from '../src/testing/otlp-proto.ts';
import { KINDS, payload } from './payloads.mjs';

const SERIES = 100_000;
const ROUNDS = 12;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    items: { type: 'string', default: '1,1000,8000' },
    seconds: { type: 'string', default: '2' },
  },
});
const sizes = values.items.split(',').map(Number);
const roundMs = (Number(values.seconds) * 1000) / ROUNDS / 2;

const cpuNs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
};

/**
 * CPU nanoseconds per item of each function (which returns its items), as the best of the rounds after warming up.
 * Collecting garbage and compiling count. The rounds alternate, so that both see the same neighbours on the machine.
 */
function costs(...runs) {
  const measure = (run, ms) => {
    const calls = run.items < 100 ? 100 : 1;
    let items = 0;
    const began = cpuNs();
    const end = performance.now() + ms;
    do for (let i = 0; i < calls; i++) items += run();
    while (performance.now() < end);
    return (cpuNs() - began) / items;
  };
  const best = runs.map(() => Infinity);
  for (const run of runs) measure(run, 3 * roundMs);
  for (let round = 0; round < ROUNDS; round++) {
    runs.forEach((run, i) => (best[i] = Math.min(best[i], measure(run, roundMs))));
  }
  return best;
}

function compare(name, kind, items, messages) {
  const signal = KINDS[kind];
  const type = REQUEST_TYPES[signal];
  const bodies = messages.map((message) => type.encode(type.fromObject(message)).finish());
  const transcoder = new Transcoder();
  const options = {
    tenantId: uuidToRowBinary('01890a5d-ac96-774b-bcce-b302099a8057'),
    receivedAtMs: Date.now(),
    identities: new SegmentIdentities(),
  };
  const bytes = bodies.reduce((sum, body) => sum + body.length, 0);
  let rowBytes = 0;
  for (const body of bodies) {
    const { accepted, blocks } = transcoder.transcode(signal, 'protobuf', body, options);
    if (accepted !== items) throw new Error(`${name}: ${accepted} of ${items} items were accepted`);
    rowBytes += blocks.reduce((sum, block) => sum + block.bytes.length, 0);
  }
  const inTurn = (run) => {
    let at = 0;
    return Object.assign(() => (run(bodies[at++ % bodies.length]), items), { items });
  };
  const [decodeNs, transcodeNs] = costs(
    inTurn((body) => type.decode(body)),
    inTurn((body) => transcoder.transcode(signal, 'protobuf', body, options)),
  );
  const perItem = bodies.length * items;
  return {
    request: name,
    bytesPerItem: Math.round(bytes / perItem),
    rowBytesPerItem: Math.round(rowBytes / perItem),
    decodeNs: Math.round(decodeNs),
    transcodeNs: Math.round(transcodeNs),
    itemsPerCpuSecond: Math.round(1e9 / transcodeNs),
    MBPerCpuSecond: Math.round((bytes / perItem / transcodeNs) * 1000),
    times: Number((decodeNs / transcodeNs).toFixed(2)),
  };
}

const results = [];
for (const items of sizes) {
  for (const kind of Object.keys(KINDS)) {
    results.push(compare(`${items} × ${kind}`, kind, items, [payload(kind, items)]));
  }
}
const perRequest = 5000;
const inSeries = Array.from({ length: SERIES / perRequest }, (_, i) =>
  payload('gauge', perRequest, 1 + i * perRequest),
);
results.push(compare(`${perRequest} × gauge, ${SERIES} series`, 'gauge', perRequest, inSeries));

if (values.json) console.log(JSON.stringify({ node: process.version, flags: process.execArgv, results }));
else console.table(results);
