/**
 * Measures how long an acknowledged span takes until the read API answers with its trace: one span after the other, in a
 * process of its own. Told over IPC to `start` and to `stop`; answers with the times and how many were acknowledged.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';

const POLL_MS = 20;
const PAUSE_MAX_MS = 250;
/** Of the shortest time seen so far: before that it is not asked, for asking is work for the platform. */
const PATIENCE = 0.7;
const GIVE_UP_MS = 30_000;

let running = false;
let probing;

process.on('message', (message) => {
  if (message.type === 'start') {
    running = true;
    probing = probe(message).catch((error) => ({ failure: error.stack }));
    return;
  }
  running = false;
  void probing.then(({ failure, ...answer }) =>
    process.send(failure === undefined ? { type: 'answer', ...answer } : { type: 'failed', message: failure }),
  );
});
process.on('disconnect', () => process.exit(0));

async function probe({ url, otlpHttpUrl, keyHeaders, token }) {
  const visibleMs = [];
  while (running) {
    const traceId = randomBytes(16).toString('hex');
    await send(otlpHttpUrl, keyHeaders, traceId);
    const acknowledgedAt = performance.now();
    if (visibleMs.length > 0) await wait(PATIENCE * Math.min(...visibleMs));
    await untilAnswered(`${url}/api/v2/telemetry/traces/${traceId}`, token, acknowledgedAt);
    visibleMs.push(performance.now() - acknowledgedAt);
    await wait(Math.random() * PAUSE_MAX_MS);
  }
  return { visibleMs, acknowledged: visibleMs.length };
}

async function send(otlpHttpUrl, keyHeaders, traceId) {
  const now = `${BigInt(Date.now()) * 1_000_000n}`;
  const span = { traceId, spanId: randomBytes(8).toString('hex'), name: 'probe', kind: 2, startTimeUnixNano: now };
  const body = { resourceSpans: [{ scopeSpans: [{ spans: [{ ...span, endTimeUnixNano: now }] }] }] };
  for (;;) {
    const response = await fetch(`${otlpHttpUrl}/v1/traces`, {
      method: 'POST',
      headers: { ...keyHeaders, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    await response.arrayBuffer();
    if (response.status === 200) return;
    if (response.status !== 503 && response.status !== 429) throw new Error(`a probe was answered ${response.status}`);
    await wait(Number(response.headers.get('retry-after') ?? 1) * 1000);
  }
}

async function untilAnswered(address, token, since) {
  for (;;) {
    const response = await fetch(address, { headers: { authorization: `Bearer ${token}` } });
    await response.arrayBuffer();
    if (response.status === 200) return;
    if (performance.now() - since > GIVE_UP_MS) throw new Error(`a span did not become visible (${response.status})`);
    await wait(POLL_MS);
  }
}
