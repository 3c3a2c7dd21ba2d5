/**
 * Items per second of one core: transcoding OTLP protobuf to RowBinary, beside protobufjs merely decoding the same bytes.
 *
 *   node packages/otlp/bench/transcode.mjs [--json] [--items 1000] [--seconds 2]     (build first: tsc -b packages/otlp)
 */
import { parseArgs } from 'node:util';
import { SegmentIdentities, Transcoder, uuidToRowBinary } from '../dist/index.js';
import { REQUEST_TYPES } from '../src/testing/otlp-proto.ts';
import { payloads } from './payloads.mjs';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    items: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '2' },
  },
});
const items = Number(values.items);
const seconds = Number(values.seconds);

/**
 * Items per second of each function, as the best of ten rounds after warming up. The rounds alternate: the machine is
 * shared, so each pair sees the same neighbours, and the fastest round is the least disturbed.
 */
function rates(perCall, ...runs) {
  const measure = (run, ms) => {
    let calls = 0;
    const started = performance.now();
    for (const end = started + ms; performance.now() < end; calls++) run();
    return (calls * perCall * 1000) / (performance.now() - started);
  };
  for (const run of runs) measure(run, seconds * 150);
  const best = runs.map(() => 0);
  for (let round = 0; round < 10; round++) {
    runs.forEach((run, i) => (best[i] = Math.max(best[i], measure(run, seconds * 100))));
  }
  return best;
}

const transcoder = new Transcoder();
const identities = new SegmentIdentities();
const options = {
  tenantId: uuidToRowBinary('01890a5d-ac96-774b-bcce-b302099a8057'),
  receivedAtMs: Date.now(),
  identities,
};

const results = [];
for (const [signal, payload] of Object.entries(payloads(items))) {
  const type = REQUEST_TYPES[signal];
  const body = type.encode(type.fromObject(payload)).finish();
  const { accepted, blocks } = transcoder.transcode(signal, 'protobuf', body, options);
  if (accepted < items) throw new Error(`${signal}: only ${accepted} of ${items} items were accepted`);
  const rowBytes = blocks.reduce((sum, block) => sum + block.bytes.length, 0);
  const [decode, transcode] = rates(
    accepted,
    () => type.decode(body),
    () => transcoder.transcode(signal, 'protobuf', body, options),
  );
  results.push({
    signal,
    bytesPerItem: Math.round(body.length / accepted),
    rowBytesPerItem: Math.round(rowBytes / accepted),
    protobufjsDecodePerSecond: Math.round(decode),
    transcodePerSecond: Math.round(transcode),
    transcodeMBPerSecond: Math.round((transcode * body.length) / accepted / 1e6),
    times: Number((transcode / decode).toFixed(2)),
  });
}

if (values.json) console.log(JSON.stringify({ node: process.version, items, results }));
else console.table(results);
