import { expect, it } from 'vitest';
import { nearNames } from './near-names.js';

const KNOWN = [
  'http.route',
  'http.request.method',
  'http.response.status_code',
  'duration',
  'resource.host.name',
  'url.path',
];

it.each([
  ['http.rout', ['http.route']],
  ['http_route', ['http.route']],
  ['httpRoute', ['http.route']],
  ['attributes.http.ruote', ['http.route']],
  ['route', ['http.route']],
  ['status_code', ['http.response.status_code']],
  ['host.name', ['resource.host.name']],
  ['duratoin', ['duration']],
  ['http', ['http.request.method', 'http.response.status_code', 'http.route']],
  ['http.route', []],
  ['zebra', []],
  ['', []],
  ['x', []],
])('%j may mean %j', (name, near) => {
  expect(nearNames(name, KNOWN)).toEqual(near);
});
