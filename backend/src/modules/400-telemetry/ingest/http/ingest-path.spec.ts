import { expect, it } from 'vitest';
import { signalOfUrl } from './ingest-path.js';

it.each([
  ['/v1/traces', 'traces'],
  ['/v1/logs/', 'logs'],
  ['/api/v2/otlp/v1/metrics?x=/v1/logs', 'metrics'],
  ['/v2/otlp/logs', 'logs'],
])('finds the signal of %s', (url, signal) => {
  expect(signalOfUrl(url)).toBe(signal);
});

it.each([
  '',
  '/',
  '/traces',
  '/v1',
  '/v1/',
  '/v1/trace',
  '/v1//traces',
  '/v3/traces',
  '/api/v2/telemetry/traces',
  '/v1/traces/x',
  '?',
  '/v1/constructor',
])('leaves %j alone', (url) => {
  expect(signalOfUrl(url)).toBeUndefined();
});
