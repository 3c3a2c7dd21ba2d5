import { parseTfql } from '@telemetryflow/contracts';
import { describe, expect, it } from 'vitest';
import { findPatterns, type SampledLog } from './find-patterns.js';
import { tokensOf } from './tokens.js';

let next = 0;
const log = (beginning: string, over: Partial<SampledLog> = {}): SampledLog => ({
  recordId: String(++next),
  timeNs: String(1_000_000_000n + BigInt(next) * 1_000_000n),
  severityNumber: 9,
  class: 3,
  serviceName: 'shop',
  beginning,
  bodyType: 's',
  eventName: '',
  ...over,
});
const times = [0, 1000, 2000];
const templates = async (bodies: readonly string[]) =>
  (
    await findPatterns(
      bodies.map((body) => log(body)),
      times,
      1,
    )
  ).map(({ template, count }) => [template, count]);

describe('tokens', () => {
  it.each([
    ['took 12ms for 3 items', 'took <*> for <*> items'],
    ['GET /a at 2026-03-04T12:01:03.221Z', 'GET /a at <*>'],
    ['from 10.0.0.1:8080 ok', 'from <*> ok'],
    ['id 019a0000-0000-7000-8000-000000000001', 'id <*>'],
    ['trace 4bf92f3577b34da6a3ce929d0e0e4736', 'trace <*>'],
    ['load 97.5%, -3 left', 'load <*>, <*> left'],
    ['s3 utf8 decade facade', 's3 utf8 decade facade'],
    ['order=5000, paid', 'order=<*>, paid'],
  ])('%s', (text, tokens) => expect(tokensOf(text).join(' ')).toBe(tokens));
});

describe('patterns', () => {
  it('are one where texts differ by values, and two where they differ by wording', async () => {
    const bodies = [
      ...Array.from({ length: 30 }, (_, i) => `card charged for order ${5000 + i}`),
      ...['ann', 'bob', 'eve', 'joe'].map((name) => `user ${name} logged in from Berlin`),
      ...['ann', 'bob'].map((name) => `user ${name} could not log in`),
      'order 7 placed',
      'order 8 shipped',
      'shutting down',
    ];
    expect(await templates(bodies)).toEqual([
      ['card charged for order <*>', 30],
      ['user <*> logged in from Berlin', 4],
      ['user <*> could not log in', 2],
      ['order <*> placed', 1],
      ['order <*> shipped', 1],
      ['shutting down', 1],
    ]);
  });

  it('keep the key of a value', async () => {
    const bodies = ['red', 'green', 'blue'].map((color) => `level=info msg=painted color=${color} by=machine`);
    expect(await templates(bodies)).toEqual([['level=info msg=painted color=<*> by=machine', 3]]);
  });

  it('find the message of a structured record, else its keys', async () => {
    const json = (value: object) => log(JSON.stringify(value), { bodyType: 'j' });
    const found = await findPatterns(
      [json({ msg: 'paid "7"', n: 1 }), json({ msg: 'paid "8"', n: 2 }), json({ a: 1, b: { c: 2 } })],
      times,
      1,
    );
    expect(found.map(({ template, count }) => [template, count])).toEqual([
      ['paid "<*>"', 2],
      ['"a":<*> "b":<*>', 1],
    ]);
  });

  it('tell when, who, how loud, with the newest samples first', async () => {
    const logs = [
      log('slow 1', { recordId: '1', timeNs: '500000000', severityNumber: 13, class: 4, serviceName: 'pay' }),
      log('slow 2', { recordId: '2', timeNs: '1500000000', severityNumber: 17, class: 5, serviceName: 'pay' }),
      log('slow 3', { recordId: '3', timeNs: '1600000000', severityNumber: 0, class: 5, serviceName: 'cart' }),
      log('slow 4', { recordId: '4', timeNs: '100000000', severityNumber: 0, class: 0, serviceName: 'pay' }),
    ];
    const [pattern] = await findPatterns(logs, times, 10);
    expect(pattern).toMatchObject({
      template: 'slow <*>',
      count: 40,
      trend: [20, 20, 0],
      severities: { warn: 10, error: 20, unspecified: 10 },
      services: [
        { name: 'pay', count: 30 },
        { name: 'cart', count: 10 },
      ],
      firstSeen: '1970-01-01T00:00:00.100Z',
      lastSeen: '1970-01-01T00:00:01.600Z',
    });
    expect(pattern?.samples.map(({ id }) => id)).toEqual(['3', '2', '1']);
  });

  it('have filters that can be read, whatever the text', async () => {
    const hostile = [
      'a "b" \\ (c) [d] {e} $1 ^x *?',
      'tab\there',
      `it's; DROP TABLE logs_v3 --`,
      '.*',
      '\u0000',
      '“ü”',
    ];
    for (const { filter } of await findPatterns(
      hostile.map((body) => log(body)),
      times,
      1,
    )) {
      expect(parseTfql(filter)).toMatchObject({ kind: 'compare', field: 'body', operator: '~' });
    }
  });

  it('stay few when nothing repeats, and lose nobody', async () => {
    const word = (seed: number) =>
      Array.from({ length: 6 }, (_, i) => String.fromCharCode(97 + ((seed >> (i * 2)) % 26)));
    const bodies = Array.from(
      { length: 5000 },
      (_, i) => `${word(i * 7919).join('')} ${word(i * 104_729).join('')} end`,
    );
    const found = await templates(bodies);
    expect(found.length).toBeLessThan(3000);
    expect(found.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(5000);
  });
});
