import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect, it, onTestFinished, vi } from 'vitest';
import { BodyDecoder, type EncodedBody } from './body-decoder.js';

const decoder = new BodyDecoder({ maxBytes: 1000, maxPastMs: 1, maxFutureMs: 1 });
const encoded = (body: Uint8Array, coding: EncodedBody['coding']): EncodedBody => ({
  signal: 'logs',
  encoding: 'protobuf',
  coding,
  body,
  tenantId: new Uint8Array(16),
  receivedAtMs: Date.now(),
});
const tooLarge = (limit: number) =>
  expect.objectContaining({ reason: 'too_large', message: expect.stringContaining(`${limit} bytes`) });

it('holds to the lower one of the usual limit and the one asked for', () => {
  const body = encoded(gzipSync(Buffer.alloc(1001)), 'gzip');
  expect(() => decoder.decode(body)).toThrow(tooLarge(1000));
  expect(() => decoder.decode(body, 1_000_000)).toThrow(tooLarge(1000));
  expect(() => decoder.decode(body, 10)).toThrow(tooLarge(10));
});

it('tells what is wrong with a body, and takes an empty one', () => {
  expect(() => decoder.decode(encoded(Buffer.alloc(10, 0xff), 'identity'))).toThrow(
    expect.objectContaining({ reason: 'bad_data' }),
  );
  expect(decoder.decode(encoded(gzipSync(''), 'gzip'))).toMatchObject({ accepted: 0, rejected: 0, bodyBytes: 0 });
});

it('gives the memory of a large inflated body back at once, and leaves what it was given alone', () => {
  const allocUnsafe = vi.spyOn(Buffer, 'allocUnsafe');
  onTestFinished(() => allocUnsafe.mockRestore());
  const large = new BodyDecoder({ maxBytes: 1 << 24, maxPastMs: 1, maxFutureMs: 1 });
  // An unknown field, which is skipped.
  const plain = Buffer.concat([Buffer.from([0x7a, 0x80, 0x80, 0x80, 0x01]), randomBytes(2 << 20)]);
  for (const [body, coding] of [
    [gzipSync(plain), 'gzip'],
    [plain, 'identity'],
  ] as const) {
    large.decode(encoded(body, coding));
    expect(body.buffer.byteLength).toBeGreaterThan(1 << 20);
  }
  const inflated = allocUnsafe.mock.results.map(({ value }) => value as Buffer).filter(({ length }) => length === 0);
  expect(inflated).toHaveLength(1);
});
