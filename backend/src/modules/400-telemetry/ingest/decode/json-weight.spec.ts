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
});
