/**
 * What taking a request costs the server, from its first byte to its acknowledgement on the disk, without a store: by
 * transport, by size, with and without decode threads. Beside it a grpc-js server that does nothing with what it gets.
 * The servers run in turns, so that all see the same neighbours.
 *
 *   npm run bench transport [-- --seconds 1 --rounds 4 --json]
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeBodies } from './ingest/bodies.mjs';
import { grpcSender, httpSender } from './ingest/senders.mjs';
import { quantile } from './platform.mjs';
import { measureHandOver } from './transport/hand-over.mjs';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '4' },
    json: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const roundMs = Number(options.seconds) * 1000;
const keyHeaders = { 'x-api-key-id': `tfk-${'0'.repeat(32)}`, 'x-api-key-secret': `tfs-${'0'.repeat(64)}` };
const SIZES = [
  { spans: 1, clients: 64 },
  { spans: 50, clients: 32 },
  { spans: 500, clients: 8 },
];
const SERVERS = { 0: 'main thread', 1: '1 decode thread', 'grpc-js': 'grpc-js, doing nothing' };

async function start(kind) {
  const child = fork(fileURLToPath(new URL('transport/server.mjs', import.meta.url)), [kind]);
  const answer = (message) =>
    new Promise((resolve) => {
      child.once('message', resolve);
      if (message !== undefined) child.send(message);
    });
  const ports = await answer();
  return { kind, child, ports, cpu: () => answer('cpu').then(({ user, system }) => user + system) };
}

/** One server behind one transport, with what it has cost so far. */
class Lane {
  requests = 0;
  cpuUs = 0;
  acknowledgementsMs = [];

  constructor(server, protocol, bodies, clients) {
    const where = {
      otlpHttpUrl: `http://127.0.0.1:${server.ports.http}`,
      otlpGrpcUrl: `http://127.0.0.1:${server.ports.grpc}`,
    };
    const makeSender = protocol === 'http' ? httpSender : grpcSender;
    const how = { signal: 'traces', encoding: 'protobuf', compression: protocol === 'http' ? 'gzip' : 'none', clients };
    this.sender = makeSender({ ...where, keyHeaders, tenants: [null] }, how);
    Object.assign(this, { server, protocol, bodies, clients });
  }

  async run(ms, counts) {
    const cpuBefore = await this.server.cpu();
    const end = performance.now() + ms;
    let sent = 0;
    const client = async () => {
      while (performance.now() < end) {
        const began = performance.now();
        const { isOk, status } = await this.sender.send(this.bodies[sent++ % this.bodies.length], 0);
        if (!isOk) throw new Error(`${this.server.kind} answered ${status}`);
        if (counts) this.acknowledgementsMs.push(performance.now() - began);
      }
    };
    await Promise.all(Array.from({ length: this.clients }, client));
    if (!counts) return;
    this.cpuUs += (await this.server.cpu()) - cpuBefore;
    this.requests += sent;
  }
}

const servers = await Promise.all(Object.keys(SERVERS).map(start));
const rows = [];
for (const { spans, clients } of SIZES) {
  const common = { signal: 'traces', encoding: 'protobuf', items: spans, requests: 64, templates: 16 };
  const packed = {
    http: await makeBodies({ ...common, compression: 'gzip' }),
    grpc: await makeBodies({ ...common, compression: 'none' }),
  };
  const lanes = servers.flatMap((server) =>
    Object.keys(server.ports).map((protocol) => new Lane(server, protocol, packed[protocol].bodies, clients)),
  );
  for (const lane of lanes) await lane.run(roundMs / 2, false);
  for (let round = 0; round < Number(options.rounds); round++) for (const lane of lanes) await lane.run(roundMs, true);
  for (const { server, protocol, requests, cpuUs, acknowledgementsMs, sender } of lanes) {
    rows.push({
      'spans per request': spans,
      clients,
      transport: protocol === 'http' ? 'HTTP, gzip' : 'gRPC',
      server: SERVERS[server.kind],
      'server CPU µs/request': Math.round(cpuUs / requests),
      'ack p50 ms': Number(quantile(acknowledgementsMs, 0.5).toFixed(1)),
      'ack p99 ms': Number(quantile(acknowledgementsMs, 0.99).toFixed(1)),
    });
    sender.close();
  }
}
for (const { child } of servers) child.disconnect();
const handOvers = [];
for (const bodyBytes of [1_000, 40_000]) {
  for (const recycles of [true, false]) {
    const cpuUs = Math.round(await measureHandOver({ bodyBytes, recycles }));
    handOvers.push({ 'body bytes': bodyBytes, 'memory is used again': recycles, 'hand-over CPU µs': cpuUs });
  }
}
if (options.json) {
  process.stdout.write(`${JSON.stringify({ requests: rows, handOvers })}\n`);
} else {
  console.table(rows);
  console.table(handOvers);
}
