import { describe, expect, it } from 'vitest';
import { LANGUAGES, reachableEndpoint, snippetsFor, type SnippetInput } from './snippets.js';

const input: SnippetInput = {
  protocol: 'http',
  httpEndpoint: 'http://127.0.0.1:4318',
  grpcEndpoint: 'http://127.0.0.1:4317',
  keyId: 'tfk-1',
  keySecret: 'tfs-2',
};

describe.each(LANGUAGES)('what to paste for %s', (language) => {
  it.each(['http', 'grpc'] as const)('sends over %s with the key', (protocol) => {
    const text = snippetsFor(language, { ...input, protocol })
      .map(({ code }) => code)
      .join('\n');
    expect(text).toContain('tfk-1');
    expect(text).toContain('tfs-2');
    expect(text).toContain(protocol === 'http' ? ':4318' : ':4317');
    expect(text).not.toContain(protocol === 'http' ? ':4317\n' : ':4318\n');
  });
});

it.each([
  ['http://127.0.0.1:4318', 'localhost', 'http://127.0.0.1:4318'],
  ['http://127.0.0.1:4318', 'observe.example', 'http://observe.example:4318'],
  ['http://localhost:4318', '10.0.0.5', 'http://10.0.0.5:4318'],
  ['https://otlp.example', 'observe.example', 'https://otlp.example'],
  ['', 'observe.example', ''],
])('%s seen from %s is %s', (endpoint, host, reachable) => expect(reachableEndpoint(endpoint, host)).toBe(reachable));
