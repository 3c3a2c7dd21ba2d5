/**
 * Feeds mutated payloads to the built transcoder, in a process of its own: what crashes it, hangs it or makes it grow
 * shows from outside. Arguments: seed, number of payloads.
 */
import { OtlpDecodeError, SegmentIdentities, Transcoder, uuidToRowBinary } from '@telemetryflow/otlp';
import { rowsByTable } from '../../../../packages/otlp/src/testing/rowbinary-reader.ts';
import { corpusOf } from './corpus.ts';
import { mutated, type Sample } from './mutate.ts';

/** Payloads between two signs of life. */
const BATCH = 250;
const TENANT = uuidToRowBinary('01890a5d-ac96-774b-bcce-b302099a8057');

export interface FuzzProgress {
  readonly done: number;
  readonly accepted: number;
  readonly refused: number;
  readonly rows: number;
  /** After a garbage collection; in the first message and in the last. */
  readonly memory?: { readonly heapBytes: number; readonly bufferBytes: number };
  readonly failure?: { readonly number: number; readonly error: string };
}

const [seed, count] = process.argv.slice(2).map(Number) as [number, number];
const corpus = corpusOf(seed);
const transcoder = new Transcoder();
const totals = { done: 0, accepted: 0, refused: 0, rows: 0 };

function memory() {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { heapBytes: heapUsed, bufferBytes: arrayBuffers };
}

function feed({ signal, encoding, body }: Sample): void {
  const context = { tenantId: TENANT, receivedAtMs: Date.now(), identities: new SegmentIdentities() };
  try {
    const result = transcoder.transcode(signal, encoding, body, context);
    // Throws when the bytes are not rows of the table, or not as many as announced.
    const rows = rowsByTable(result.blocks);
    const items = rows.spans_v3.length + rows.logs_v3.length + rows.metrics_v3.length + rows.histograms_v3.length;
    if (items !== result.accepted) throw new Error(`${result.accepted} items accepted, ${items} rows written`);
    totals.accepted += 1;
    totals.rows += items;
  } catch (error) {
    if (!(error instanceof OtlpDecodeError)) throw error;
    totals.refused += 1;
  }
}

async function run(): Promise<void> {
  // A tenth first: buffers find their size, code is compiled.
  const settled = Math.min(count, Math.max(BATCH, Math.floor(count / 10)));
  for (let number = 0; number < count; number += 1) {
    try {
      feed(mutated(corpus, seed, number));
    } catch (error) {
      await tell({
        failure: { number, error: error instanceof Error ? (error.stack ?? error.message) : String(error) },
      });
      return;
    }
    totals.done += 1;
    if (totals.done === settled) await tell({ memory: memory() });
    else if (totals.done % BATCH === 0 && totals.done < count) await tell({});
  }
  await tell({ memory: memory() });
}

function tell(more: Partial<FuzzProgress>): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.({ ...totals, ...more }, (error: Error | null) => (error === null ? resolve() : reject(error)));
  });
}

await run();
process.disconnect();
