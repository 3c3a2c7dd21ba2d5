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

/** Best rate of five rounds, after warming up: the machine is shared, and the fastest round is the least disturbed. */
function rate(perCall, run) {
  const until = (ms) => performance.now() + ms;
  for (const end = until(seconds * 250); performance.now() < end;) run();
  let best = 0;
  for (let round = 0; round < 5; round++) {
    let calls = 0;
    const started = performance.now();
    for (const end = until(seconds * 150); performance.now() < end; calls++) run();
    best = Math.max(best, (calls * perCall * 1000) / (performance.now() - started));
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
  const decode = rate(accepted, () => type.decode(body));
  const transcode = rate(accepted, () => transcoder.transcode(signal, 'protobuf', body, options));
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
