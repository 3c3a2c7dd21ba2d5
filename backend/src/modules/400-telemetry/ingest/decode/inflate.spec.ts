import { randomBytes } from 'node:crypto';
import { deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
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

it('takes no body of very many zstd frames: each costs a decompressor, and the smallest has nine bytes', () => {
  const frame = zstdCompressSync('');
  const frames = (count: number) => Buffer.concat(Array.from({ length: count }, () => frame));
  expect(inflate(frames(64), 'zstd', LIMIT)).toHaveLength(0);
  expect(() => inflate(frames(65), 'zstd', LIMIT)).toThrow(
    expect.objectContaining({ reason: 'bad_data', message: expect.stringContaining('64 zstd frames') }),
  );
});

it('sets no large memory aside for a gzip body that inflates by more than telemetry does', () => {
  const allocUnsafe = vi.spyOn(Buffer, 'allocUnsafe');
  onTestFinished(() => allocUnsafe.mockRestore());
  const largest = (body: Uint8Array, limit: number) => {
    allocUnsafe.mockClear();
    expect(() => inflate(body, 'gzip', limit)).toThrow(expect.objectContaining({ reason: 'too_large' }));
    return Math.max(...allocUnsafe.mock.calls.map(([size]) => size));
  };
  expect(largest(gzipSync(Buffer.alloc(16 * LIMIT)), 4 * LIMIT)).toBe(64 * 1024);
  expect(largest(gzipSync(randomBytes(LIMIT)), LIMIT - 1)).toBe(LIMIT);
});
