import { formatTfql, parseTfql } from '@telemetryflow/contracts';
import { expect, it } from 'vitest';
import { isPrometheusNameOf, namesIn, renameIn } from './metric.js';

it.each([
  ['http_route', true],
  ['host_name', true],
  ['service_name', true],
  ['job', true],
  ['http_rout', false],
  // As the series carry it: no other spelling.
  ['http.route', false],
  ['attributes.http_route', false],
])('%s as a spelling of what is known: %s', (name, expected) => {
  expect(isPrometheusNameOf(name, ['service.name', 'http.route', 'resource.host.name'])).toBe(expected);
});

it('renames everywhere in a filter', () => {
  const filter = parseTfql('http_route:/x (zone:(a OR b) OR NOT exists(http_route)) text');
  expect(namesIn(filter)).toEqual(['http_route', 'zone', 'zone', 'http_route']);
  const renamed = renameIn(filter, (name) => (name === 'http_route' ? 'http.route' : name));
  expect(formatTfql(renamed)).toBe('http.route:/x AND (zone:a OR zone:b OR NOT http.route:*) AND text');
});
