import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MessageReader } from './message-reader.js';
import { encodeBinary, encodeMessage, headersOf, timeoutMs } from './metadata.js';

const MAX = 1000;

function framed(message: Uint8Array, flag = 0): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

function read(chunks: readonly Buffer[]) {
  const reader = new MessageReader(MAX);
  for (const chunk of chunks) reader.push(chunk);
  return reader.finish();
}

const reason = (why: string, message: RegExp) =>
  expect.objectContaining({ reason: why, message: expect.stringMatching(message) });

describe('a message', () => {
  it('comes in any pieces', () => {
    const anyCuts = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 20 });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), anyCuts, (message, compressed, cuts) => {
        const bytes = framed(message, compressed ? 1 : 0);
        const at = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        const chunks = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
        expect(read(chunks)).toEqual({ compressed, bytes: Buffer.from(message) });
      }),
    );
  });

  it.each([
    ['is missing', [], /carries no message/],
    ['has half a prefix', [Buffer.alloc(3)], /cut short/],
    ['is cut short', [framed(Buffer.alloc(10)).subarray(0, 9)], /cut short/],
    ['is followed by another', [framed(Buffer.alloc(2)), framed(Buffer.alloc(2))], /7 bytes follow the message/],
    ['is followed by a byte', [framed(Buffer.alloc(2)), Buffer.alloc(1)], /1 bytes follow the message/],
    ['has an unknown flag', [framed(Buffer.alloc(2), 2)], /compressed-flag is 2/],
  ])('that %s is refused', (_, chunks, message) => {
    expect(() => read(chunks)).toThrow(reason('bad_data', message));
  });

  it('that promises too much is refused at its prefix', () => {
    const reader = new MessageReader(MAX);
    expect(() => reader.push(framed(Buffer.alloc(MAX + 1)).subarray(0, 5))).toThrow(reason('too_large', /1000 bytes/));
    expect(read([framed(Buffer.alloc(MAX))]).bytes).toHaveLength(MAX);
  });
});

describe('metadata', () => {
  it('keeps every value of a key and leaves pseudo-headers away', () => {
    const raw = [
      ':method',
      'POST',
      'x-api-key-id',
      'a',
      'te',
      'trailers',
      'x-api-key-id',
      'b',
      'x-api-key-id',
      'c',
      'k-bin',
      'AA',
    ];
    expect(headersOf(raw)).toEqual({ 'x-api-key-id': ['a', 'b', 'c'], te: 'trailers', 'k-bin': 'AA' });
  });

  it.each([
    ['1H', 3_600_000],
    ['2M', 120_000],
    ['10S', 10_000],
    ['99999999m', 99_999_999],
    ['1500u', 1.5],
    ['1000000n', 1],
    [undefined, undefined],
  ])('says how long a call may take: %s', (header, ms) => {
    expect(timeoutMs(header)).toBe(ms);
  });

  it.each(['', '10', 'S', '1s', '-1S', '123456789S', '1.5S', '1 S'])('refuses the timeout %j', (header) => {
    expect(() => timeoutMs(header)).toThrow(reason('bad_data', /grpc-timeout/));
  });

  it('is printable ASCII in a message, and base64 without padding in binary', () => {
    expect(encodeMessage('100% of naïve\n')).toBe('100%25 of na%C3%AFve%0A');
    expect(decodeURIComponent(encodeMessage('größer als 5 %'))).toBe('größer als 5 %');
    expect(encodeBinary(Buffer.from([255, 255, 255, 255]))).toBe('/////w');
  });
});
