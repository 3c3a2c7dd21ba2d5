/**
 * The load generator: a process of its own, so that neither its work nor its waiting shows up in what is measured.
 * Told over IPC to `prepare` (bodies are made before the clock starts) and to `run`; answers with what was acknowledged.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { makeBodies } from './bodies.mjs';
import { grpcSender, httpSender } from './senders.mjs';

let prepared;

process.on('message', (message) => {
  HANDLERS[message.type](message).then(
    (answer) => process.send({ type: 'answer', ...answer }),
    (error) => process.send({ type: 'failed', message: error.stack }),
  );
});
process.on('disconnect', () => process.exit(0));

const HANDLERS = {
  prepare: async ({ load }) => {
    // Over gRPC the channel compresses: a message's frame says whether it is.
    const compression = load.protocol === 'grpc' ? 'none' : load.compression;
    const { bodies, rawBytes } = await makeBodies({ ...load, compression });
    prepared = { load, bodies };
    const wireBytes = bodies.reduce((sum, body) => sum + body.length, 0);
    return { rawBytes, wireBytes };
  },
  /** `endpoints`: url, gRPC target and headers per tenant; `ratePerSecond` of requests, or as fast as answers come. */
  run: async ({ endpoints, ratePerSecond }) => {
    const { load, bodies } = prepared;
    prepared = undefined;
    const sender = (load.protocol === 'grpc' ? grpcSender : httpSender)(endpoints, load);
    const tally = new Tally(endpoints.tenants.length, load.items);
    const startedAtMs = Date.now();
    const sendOne = (n, since) => deliver(sender, bodies, n, endpoints.tenants.length, tally, since);
    if (ratePerSecond === undefined) await closedLoop(bodies.length, load.clients, sendOne);
    else await openLoop(bodies.length, ratePerSecond, sendOne);
    const endedAtMs = Date.now();
    sender.close();
    return { startedAtMs, endedAtMs, ...tally };
  },
};

class Tally {
  /** Items acknowledged, by the tenant's place in the list. */
  acknowledged;
  latenciesMs = [];
  /** Answers that told to come again, by status. */
  pushedBack = {};
  refused = {};

  constructor(tenants, itemsPerRequest) {
    this.acknowledged = Array.from({ length: tenants }, () => 0);
    Object.defineProperty(this, 'itemsPerRequest', { value: itemsPerRequest });
  }
  take(tenant, ms) {
    this.acknowledged[tenant] += this.itemsPerRequest;
    this.latenciesMs.push(Math.round(ms * 1000) / 1000);
  }
  count(kind, status) {
    this[kind][status] = (this[kind][status] ?? 0) + 1;
  }
}

/** Sends one body until it is acknowledged or refused for good, as an exporter does. */
async function deliver(sender, bodies, n, tenants, tally, since) {
  const body = bodies[n];
  bodies[n] = undefined;
  const tenant = n % tenants;
  for (;;) {
    const { status, isOk, retryAfterMs } = await sender.send(body, tenant);
    if (isOk) return tally.take(tenant, performance.now() - since);
    if (retryAfterMs === undefined) return tally.count('refused', status);
    tally.count('pushedBack', status);
    await wait(retryAfterMs * (0.5 + Math.random() / 2));
  }
}

/** Every client sends its next request when its last was answered. */
async function closedLoop(requests, clients, sendOne) {
  let next = 0;
  const client = async () => {
    while (next < requests) await sendOne(next++, performance.now());
  };
  await Promise.all(Array.from({ length: Math.min(clients, requests) }, client));
}

/**
 * Requests leave by the clock, whether or not the last was answered; the time to the acknowledgement counts from when a
 * request should have left.
 */
async function openLoop(requests, ratePerSecond, sendOne) {
  const started = performance.now();
  const underWay = [];
  for (let n = 0; n < requests; n++) {
    const due = started + (n * 1000) / ratePerSecond;
    if (due > performance.now()) await wait(due - performance.now());
    underWay.push(sendOne(n, due));
  }
  await Promise.all(underWay);
}
