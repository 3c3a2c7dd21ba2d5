/** What the product's "get started" page tells people to paste, run as it stands: only addresses and key are put in. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ObservedPlatform } from '../backend/test/support/observed-platform.js';
import { OtlpClient, SIGNALS } from '../backend/test/support/otlp-client.js';
import { eventually } from '../backend/test/support/platform.js';
import { gauge, logRecord, nowNano, requestOf, span } from '../backend/test/conformance/requests.js';
import { snippetsFor, type Language, type Protocol, type Snippet } from '../frontend/src/ui/send/snippets.js';
import { ready, runShell, startShell } from './programs.js';

let server: ObservedPlatform;
beforeAll(async () => {
  server = await ObservedPlatform.start();
});
afterAll(() => server?.dispose());

const PROTOCOLS: Protocol[] = ['http', 'grpc'];
let runs = 0;

/** The page's snippets by place, with a service name of the test's own in place of `my-service`. */
function pasted(language: Language, protocol: Protocol, service: string): Record<Snippet['place'], string> {
  const snippets = snippetsFor(language, {
    protocol,
    httpEndpoint: server.platform.otlpHttpUrl,
    grpcEndpoint: `http://${server.platform.otlpGrpcTarget}`,
    keyId: server.client.key.keyId,
    keySecret: server.client.key.keySecret,
  });
  const byPlace = Object.fromEntries(
    snippets.map(({ place, code }) => [place, code.replaceAll('my-service', service)]),
  );
  return byPlace as Record<Snippet['place'], string>;
}

async function atLeast(signal: 'traces' | 'logs' | 'metrics', service: string): Promise<void> {
  await eventually(`${signal} of ${service}`, async () => {
    const { items } = await server.store.count(signal, [service]);
    return items > 0 ? true : undefined;
  });
}

describe.skipIf(!('python-snippet' in ready))('Python', () => {
  it.each(PROTOCOLS)('sends spans and logs over %s', async (protocol) => {
    const service = `snippet-python-${++runs}`;
    const { environment, run } = pasted('python', protocol, service);
    await runShell('python-snippet', `${environment}\n${run}`);
    await atLeast('traces', service);
    await atLeast('logs', service);
    await atLeast('metrics', service);
  });
});

describe.skipIf(!('go-snippet' in ready))('Go', () => {
  it.each(PROTOCOLS)('sends spans and logs over %s', async (protocol) => {
    const service = `snippet-go-${++runs}`;
    const { install, environment, code, run } = pasted('go', protocol, service);
    await writeFile(join(ready['go-snippet']!.cwd!, 'main.go'), `${code}\n`);
    await runShell('go-snippet', `${install}\n${environment}\n${run}`);
    await atLeast('traces', service);
    await atLeast('logs', service);
  });
});

describe.skipIf(!('java-snippet' in ready))('Java', () => {
  it.each(PROTOCOLS)('sends spans, logs and metrics over %s', async (protocol) => {
    const service = `snippet-java-${++runs}`;
    const { environment, run } = pasted('java', protocol, service);
    await runShell('java-snippet', `${environment}\nexport HELLO_URL=${server.platform.url}/health\n${run}`);
    for (const signal of SIGNALS) await atLeast(signal, service);
  });
});

describe.skipIf(!('collector-snippet' in ready))('the Collector', () => {
  it.each(PROTOCOLS)('hands on over %s', async (protocol) => {
    const service = `snippet-collector-${++runs}`;
    const { file, run } = pasted('collector', protocol, service);
    await writeFile(join(ready['collector-snippet']!.cwd!, 'otelcol.yaml'), file);
    const child = startShell('collector-snippet', `exec ${run}`);
    let words = '';
    child.stderr?.on('data', (chunk: Buffer) => (words += chunk.toString()));
    const ended = new Promise((resolve) => {
      child.once('close', resolve);
    });
    try {
      await eventually('the Collector', async () =>
        /is ready/.test(words) || child.exitCode !== null ? true : undefined,
      );
      expect(child.exitCode, words).toBeNull();
      // The ports are those of the page.
      const address = { otlpHttpUrl: 'http://127.0.0.1:14318', otlpGrpcTarget: '127.0.0.1:14317' };
      const collector = new OtlpClient(address, server.client.key);
      const items = { traces: span(), logs: logRecord(), metrics: gauge({ timeUnixNano: nowNano() }) };
      for (const signal of SIGNALS) {
        const reply = await collector.send('http/protobuf', signal, requestOf(signal, service, [items[signal]]));
        expect(reply).toMatchObject({ ok: true });
        await server.stored(signal, [service], 1);
      }
    } finally {
      child.kill('SIGTERM');
      await ended;
    }
  });
});
