import { describe, expect, it } from 'vitest';
import { describeUserAgent, fingerprintOf } from './user-agents.js';

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36';
const SAFARI =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';

describe('describeUserAgent', () => {
  it.each([
    [CHROME, { browser: 'Chrome 141', os: 'Windows 10', device: 'desktop' }],
    [SAFARI, { browser: 'Safari 17', os: 'iOS 17.5', device: 'mobile' }],
    [
      'Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0',
      { browser: 'Firefox 141', os: 'Linux', device: 'desktop' },
    ],
    ['curl/8.5.0', { browser: 'curl 8.5.0', os: 'Unknown', device: '' }],
    ['node', { browser: 'node', os: 'Unknown', device: '' }],
    ['', { browser: 'Unknown', os: 'Unknown', device: '' }],
    ['<script>alert(1)</script>', { browser: 'Unknown', os: 'Unknown', device: '' }],
    ['Mozilla/5.0', { browser: 'Unknown', os: 'Unknown', device: '' }],
  ])('reads %j', (userAgent, expected) => {
    expect(describeUserAgent(userAgent)).toEqual(expected);
  });

  it('stands anything, and answers little of it', () => {
    const hostile = ['('.repeat(10_000), 'Chrome/'.repeat(5000), '\u0000\u202E', `Mozilla/5.0 ${'a '.repeat(9000)}`];
    for (const text of hostile) {
      const { browser, os } = describeUserAgent(text);
      expect(browser.length + os.length).toBeLessThan(200);
    }
  });
});

describe('fingerprintOf', () => {
  it('stays over updates of browser and system, and within an IPv6 network', () => {
    const updated = CHROME.replaceAll('141', '142');
    expect(fingerprintOf(updated, '2001:db8::1')).toEqual(fingerprintOf(CHROME, '2001:db8::ffff'));
    expect(fingerprintOf(SAFARI.replace('17_5', '18_0').replace('17.5', '18.0'), '192.0.2.1')).toEqual(
      fingerprintOf(SAFARI, '192.0.2.1'),
    );
  });

  it('differs by browser and by network', () => {
    const all = [
      fingerprintOf(CHROME, '192.0.2.1'),
      fingerprintOf(CHROME, '192.0.2.2'),
      fingerprintOf(SAFARI, '192.0.2.1'),
    ];
    expect(new Set(all.map((hash) => hash.toString('hex'))).size).toBe(3);
  });
});
