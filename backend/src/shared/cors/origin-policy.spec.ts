import { describe, expect, it } from 'vitest';
import { originPolicy } from './origin-policy.js';

describe('originPolicy', () => {
  it.each([
    ['https://app.example.com', 'https://app.example.com', true],
    ['https://app.example.com/', 'https://APP.example.com', true],
    ['https://app.example.com', 'http://app.example.com', false],
    ['*.example.com', 'https://a.example.com', true],
    ['*.example.com', 'https://a.b.example.com:8443', true],
    ['*.example.com', 'https://example.com', false],
    ['*.example.com', 'https://evilexample.com', false],
    ['*.example.com', 'https://a.example.com.evil.net', false],
    ['https://*.example.com', 'http://a.example.com', false],
    ['https://*.example.com:8443', 'https://a.example.com', false],
    ['*', 'https://anything.net', true],
    ['*.example.com', 'null', false],
    ['', 'https://app.example.com', false],
  ])('%s for %s: %s', (entry, origin, allowed) => {
    expect(originPolicy([entry]).allows(origin)).toBe(allowed);
  });
});
