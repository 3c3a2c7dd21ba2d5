import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Pieces } from './pieces.js';

it('gives back what came, in its order, whatever the sizes', () => {
  const sizes = fc.array(fc.oneof(fc.integer({ min: 0, max: 10 }), fc.constantFrom(4095, 4096, 10_000)), {
    maxLength: 700,
  });
  fc.assert(
    fc.property(sizes, (lengths) => {
      const pieces = new Pieces();
      const sent = lengths.map((length, i) => Buffer.alloc(length, i));
      for (const piece of sent) pieces.push(piece);
      const whole = Buffer.concat(sent);
      expect(pieces.bytes).toBe(whole.length);
      expect(Buffer.compare(pieces.take(), whole)).toBe(0);
      expect([pieces.bytes, pieces.count]).toEqual([0, 0]);
    }),
  );
});

it('does not copy what came as one piece', () => {
  const pieces = new Pieces();
  const piece = Buffer.alloc(10_000);
  pieces.push(piece);
  expect(pieces.take()).toBe(piece);
});

it('holds few pieces, however small they come', () => {
  const pieces = new Pieces();
  for (let i = 0; i < 100_000; i++) pieces.push(Buffer.alloc(1));
  expect(pieces.count).toBeLessThan(1000);
});
