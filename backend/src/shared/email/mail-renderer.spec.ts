import { describe, expect, it } from 'vitest';
import type { MailMessage } from './index.js';
import { MailRenderer } from './mail-renderer.js';
import { MAIL_KINDS } from './templates/catalogue.js';

const renderer = new MailRenderer();
const AT = new Date('2026-03-01T05:06:07Z');
const message: MailMessage = {
  kind: 'password_reset',
  to: 'ada@example.com',
  name: 'Ada',
  locale: 'en-GB',
  timeZone: 'Asia/Jakarta',
  values: { email: 'ada@example.com', at: AT, ip: '192.0.2.7', expiresAt: AT, until: AT, device: 'Firefox, Linux' },
  path: '/reset-password?token=a&b=c',
};
const render = (changed: Partial<MailMessage> = {}) =>
  renderer.render({ ...message, ...changed }, 'https://tf.example');

describe('MailRenderer', () => {
  it.each(MAIL_KINDS.flatMap((kind) => [['en', kind] as const, ['id', kind] as const]))(
    'has %s words for %s: one subject line, and the same in text and HTML',
    (locale, kind) => {
      const { subject, text, html } = render({ kind, locale });
      expect(subject).toMatch(/^[^\r\n{}]{5,78}$/);
      for (const part of [text, html]) {
        expect(part).toContain('Ada');
        expect(part).toContain('tf.example');
        expect(part).not.toMatch(/\{\{|undefined|Invalid/);
      }
      expect(html).toContain(`<html lang="${locale}">`);
      const links = ['verification', 'invitation', 'password_choice', 'password_reset'];
      expect(text.includes('https://tf.example/reset-password?token=a&b=c')).toBe(links.includes(kind));
    },
  );

  it('writes in the reader’s language, zone and manner', () => {
    expect(render().text).toContain('1 March 2026 at 12:06:07');
    expect(render({ locale: 'en-US', timeZone: 'UTC' }).text).toContain('March 1, 2026 at 5:06:07');
    expect(render({ locale: 'id-ID' }).text).toMatch(/^Halo Ada,[^]*1 Maret 2026/);
    expect(render({ locale: 'de-DE', timeZone: 'Mars/Olympus' }).text).toMatch(/^Hello Ada,[^]*March 1, 2026 at 5:06/);
  });

  it('escapes everything in HTML, the address of the link included', () => {
    const { html, text } = render({ name: '<script>alert(1)<script>', path: '/x?token="><img src=x>' });
    expect(html).not.toMatch(/<script|<img/);
    expect(html).toContain('&lt;script&gt;alert(1)');
    expect(text).toContain('Hello <script>alert(1)<script>,');
  });

  it.each([
    ['a\r\nBcc: x', 'Hello,'],
    ['Ada\r\nSubject- x', 'Hello Ada Subject- x,'],
    ['\u202Eada\u202C \u0000', 'Hello ada,'],
    ['{{email}}', 'Hello {{email}},'],
    ['عائشة', 'Hello عائشة,'],
    ['x'.repeat(500), `Hello ${'x'.repeat(200)},`],
  ])('shows the name %j inert', (name, greeting) => {
    const [first] = render({ name }).text.split('\n');
    expect(first).toBe(greeting);
  });

  it.each([
    'win at https://evil.example',
    'www.evil.example',
    'evil.example',
    'mail me@evil.example',
    'evil.example/x',
  ])('does not greet by a name that mail clients would make a link of: %s', (name) => {
    const { text, html } = render({ name });
    expect(text).toMatch(/^Hello,/);
    expect(text + html).not.toContain('evil');
  });

  it('refuses to write a mail that lacks a value', () => {
    expect(() => render({ values: {} })).toThrow(/"email" not defined/);
  });
});
