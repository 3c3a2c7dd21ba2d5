/**
 * Runs the shop against an OTLP endpoint until interrupted.
 *
 * OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS: where to, as for any OpenTelemetry SDK.
 * DEMO_RATE: visits per second (default 3). DEMO_OUTAGE_EVERY: seconds between outages (default 120, 0: never).
 * DEMO_SECONDS: stop by itself after so long (default 0: never).
 */
import { Shop } from './shop.ts';

const OUTAGE_SECONDS = 20;
const MAX_CONCURRENT_VISITS = 200;

function number(name: string, fallback: number, max: number): number {
  const text = process.env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!(value >= 0 && value <= max)) {
    process.stderr.write(`${name} must be a number from 0 to ${max}, not "${text}".\n`);
    process.exit(78);
  }
  return value;
}

const rate = number('DEMO_RATE', 3, 1000);
const outageEvery = number('DEMO_OUTAGE_EVERY', 120, 86_400);
const seconds = number('DEMO_SECONDS', 0, 86_400);
const headers = Object.fromEntries(
  (process.env.OTEL_EXPORTER_OTLP_HEADERS ?? '')
    .split(',')
    .map((pair) => pair.split('=', 2).map((part) => decodeURIComponent(part.trim())))
    .filter((pair) => pair.length === 2),
);

const shop = new Shop({
  url: (process.env.OTEL_EXPORTER_OTLP_ENDPOINT ?? 'http://localhost:4318').replace(/\/$/, ''),
  headers,
});
await shop.open();
process.stdout.write(
  `The shop is open: ${rate} visits per second${outageEvery ? `, an outage every ${outageEvery} s` : ''}. Ctrl-C closes it.\n`,
);

const started = Date.now();
const running = new Set<Promise<void>>();
let closing = false;

const visits = setInterval(
  () => {
    const elapsed = (Date.now() - started) / 1000;
    shop.outage = outageEvery > 0 && elapsed > outageEvery && elapsed % outageEvery < OUTAGE_SECONDS;
    if (running.size >= MAX_CONCURRENT_VISITS) return;
    const visit = shop
      .visit()
      .catch(
        (error: unknown) =>
          void process.stderr.write(`A visit failed: ${error instanceof Error ? error.message : String(error)}\n`),
      )
      .finally(() => running.delete(visit));
    running.add(visit);
  },
  1000 / Math.max(rate, 0.001),
);

async function close(): Promise<void> {
  if (closing) return;
  closing = true;
  clearInterval(visits);
  await Promise.allSettled(running);
  await shop.close();
  // An open channel to a launcher would keep the process alive.
  if (process.connected) process.disconnect();
}

process.on('SIGINT', () => void close());
process.on('SIGTERM', () => void close());
process.on('disconnect', () => void close());
if (seconds > 0) setTimeout(() => void close(), seconds * 1000);
