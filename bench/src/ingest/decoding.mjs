/**
 * What one core does with the same bodies in memory: protobufjs' decode alone, and our transcoding, in turns within one
 * process, so that both see the same neighbours.
 */
import { SegmentIdentities, Transcoder, uuidToRowBinary } from '@telemetryflow/otlp';
import { REQUEST_TYPES } from '../../../packages/otlp/src/testing/otlp-proto.ts';
import { makeBodies } from './bodies.mjs';

const TENANT = '01890a5d-ac96-774b-bcce-b302099a8057';
const ROUNDS = 8;

/** Resolves with items per CPU second of each, the best of several rounds. */
export async function measureDecoding(signal, itemsPerRequest, { roundMs }) {
  const { bodies } = await makeBodies({
    signal,
    encoding: 'protobuf',
    compression: 'none',
    items: itemsPerRequest,
    requests: 64,
    templates: 32,
  });
  const type = REQUEST_TYPES[signal];
  const transcoder = new Transcoder();
  const identities = new SegmentIdentities();
  const options = { tenantId: uuidToRowBinary(TENANT), receivedAtMs: Date.now(), identities };
  const rate = (run, ms) => {
    const cpu = process.cpuUsage();
    let calls = 0;
    for (const end = performance.now() + ms; performance.now() < end; calls++) run(bodies[calls % bodies.length]);
    const { user, system } = process.cpuUsage(cpu);
    return (calls * itemsPerRequest * 1e6) / (user + system);
  };
  const runs = [(body) => type.decode(body), (body) => transcoder.transcode(signal, 'protobuf', body, options)];
  for (const run of runs) rate(run, roundMs);
  const best = runs.map(() => 0);
  for (let round = 0; round < ROUNDS; round++) {
    runs.forEach((run, i) => (best[i] = Math.max(best[i], rate(run, roundMs))));
  }
  const [decode, transcode] = best;
  return { signal, protobufjsPerCpuSecond: decode, transcodePerCpuSecond: transcode, times: transcode / decode };
}
