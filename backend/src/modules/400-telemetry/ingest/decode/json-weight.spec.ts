import { describe, expect, it } from 'vitest';
import { spanRequest } from '../testing/payloads.js';
import { assertJsonFits } from './json-weight.js';

const MIB = 1024 * 1024;
const tooLarge = expect.objectContaining({ reason: 'too_large' });
const weigh = (json: string, factor: number) => () => assertJsonFits(Buffer.from(json), json.length * factor);

describe('JSON', () => {
  it.each(['{},', '[],', '0,', '"",'])('of nothing but %s is refused when it would take too much', (value) => {
    const json = `[${value.repeat(100_000)}0]`;
    expect(weigh(json, 6)).toThrow(tooLarge);
  });

  it('of an exporter takes no more than six times its size', () => {
    expect(weigh(JSON.stringify(spanRequest(500).json), 6)).not.toThrow();
  });

  it('is not judged by what its strings say', () => {
    const json = JSON.stringify({ body: '[{},{}]"\\"{},'.repeat(100_000) });
    expect(weigh(json, 2)).not.toThrow();
  });

  it('of 64 MiB of empty objects is refused by the usual limit', () => {
    expect(() => assertJsonFits(Buffer.alloc(64 * MIB, '{},'))).toThrow(tooLarge);
    expect(() => assertJsonFits(Buffer.alloc(64 * MIB, '"some text of forty bytes or thereabouts",'))).not.toThrow();
  });

  it.each(['1234567890123456', ' -12345678901234567', '\u00a01234567890123456'])(
    'of few kinds of values is refused when %j among them makes each of them heavy',
    (wide) => {
      const zeros = '0,'.repeat(100_000);
      expect(weigh(`[${zeros}"a"]`, 60)).not.toThrow();
      expect(weigh(`[${zeros}${wide}]`, 60)).toThrow(tooLarge);
      expect(weigh(`[${zeros}",${wide}"]`, 60)).toThrow(tooLarge);
      expect(weigh(`[${zeros}"${wide}"]`, 60)).not.toThrow();
    },
  );

  it('of 64 MiB of numbers is refused by the usual limit only with a wide one among them', () => {
    const body = Buffer.alloc(64 * MIB, '0,');
    expect(() => assertJsonFits(body)).not.toThrow();
    body.write(':1234567890123456789');
    expect(() => assertJsonFits(body)).toThrow(tooLarge);
  });

  it('of an exporter that writes its times unquoted passes', () => {
    const json = JSON.stringify(spanRequest(500).json).replaceAll(/"(\d{16,})"/g, '$1');
    expect(json).toMatch(/:\d{19}/);
    expect(weigh(json, 12)).not.toThrow();
  });
});
