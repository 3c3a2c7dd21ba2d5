import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { ContentCoding } from './content-coding.js';
import { inflate } from './inflate.js';

const text = Buffer.from('one two three '.repeat(1000));
const LIMIT = 1 << 20;
const codings: [ContentCoding, (bytes: Uint8Array) => Buffer][] = [
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['zstd', zstdCompressSync],
];

describe.each(codings)('%s (%o)', (coding, compress) => {
  it('gives back what was compressed, empty included', () => {
    expect(Buffer.compare(inflate(compress(text), coding, LIMIT), text)).toBe(0);
    expect(inflate(compress(Buffer.alloc(0)), coding, LIMIT)).toHaveLength(0);
    expect(inflate(Buffer.alloc(0), coding, LIMIT)).toHaveLength(0);
  });

  it('takes exactly the limit and nothing more', () => {
    expect(inflate(compress(text), coding, text.length)).toHaveLength(text.length);
    expect(() => inflate(compress(text), coding, text.length - 1)).toThrow(
      expect.objectContaining({ reason: 'too_large', message: expect.stringContaining(`${text.length - 1} bytes`) }),
    );
  });

  it.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, -5)],
    ['nothing of the kind', () => Buffer.from('\x00\x01 not compressed at all')],
    ['followed by rubbish', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('rubbish')])],
  ])('refuses what is %s', (_, spoil) => {
    expect(() => inflate(spoil(compress(text)), coding, LIMIT)).toThrow(
      expect.objectContaining({ reason: 'bad_data' }),
    );
  });
});

it.each([
  ['gzip', gzipSync],
  ['zstd', zstdCompressSync],
] as const)('reads all members of a %s body', (coding, compress) => {
  const body = Buffer.concat([compress('one '), compress('two '), compress('three')]);
  expect(Buffer.from(inflate(body, coding, LIMIT)).toString()).toBe('one two three');
  expect(() => inflate(body, coding, 10)).toThrow(expect.objectContaining({ reason: 'too_large' }));
});

it('believes no size that a gzip trailer claims', () => {
  const body = gzipSync(text);
  body.writeUInt32LE(0xffff_fff0, body.length - 4);
  expect(() => inflate(body, 'gzip', LIMIT)).toThrow(expect.objectContaining({ reason: 'bad_data' }));
});
