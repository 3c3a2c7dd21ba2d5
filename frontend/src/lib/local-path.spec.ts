import { expect, it } from 'vitest';
import { localPath } from './local-path.js';

it.each([
  ['/traces?from=now-1h&filter=service:%22a%22#x', '/traces?from=now-1h&filter=service:%22a%22#x'],
  ['/', '/'],
])('accepts %s', (raw, path) => expect(localPath(raw)).toBe(path));

it.each([
  'https://evil.example/',
  '//evil.example/',
  '/\\evil.example',
  '/\t/evil.example',
  '/a\\..\\b',
  'javascript:alert(1)',
  '/..//evil.example',
  'traces',
  '',
  undefined,
  null,
  ['/traces'],
])('refuses %j', (raw) => expect(localPath(raw)).toBeNull());
