/** What it costs to hand a body to a thread and to get a record back, when the thread does nothing with it. */
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

const RECORD_BYTES = 256 * 1024;
const JOBS = 2000;

if (!isMainThread) {
  parentPort.on('message', ({ id, spare }) => {
    const record = new Uint8Array(spare ?? new ArrayBuffer(RECORD_BYTES), 0, RECORD_BYTES - 1000);
    const reply = { id, record, accepted: 500, rejected: 0, rejections: new Map(), bodyBytes: 1000 };
    parentPort.postMessage(reply, [record.buffer]);
  });
}

/** CPU microseconds per body, both threads together; `recycles`: the record's memory goes back for the next one. */
export async function measureHandOver({ bodyBytes, recycles }) {
  const worker = new Worker(fileURLToPath(import.meta.url));
  const job = { signal: 'traces', encoding: 'protobuf', coding: 'gzip', tenantId: new Uint8Array(16), seq: 1, salt: 2 };
  let spare;
  const handOver = (id) =>
    new Promise((resolve) => {
      const body = new Uint8Array(bodyBytes);
      worker.once('message', ({ record }) => {
        spare = recycles ? record.buffer : undefined;
        resolve();
      });
      worker.postMessage({ ...job, id, body, spare }, spare === undefined ? [body.buffer] : [body.buffer, spare]);
    });
  for (let id = 0; id < JOBS / 10; id++) await handOver(id);
  const before = process.cpuUsage();
  for (let id = 0; id < JOBS; id++) await handOver(id);
  const { user, system } = process.cpuUsage(before);
  await worker.terminate();
  return (user + system) / JOBS;
}
