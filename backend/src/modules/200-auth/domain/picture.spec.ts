import { describe, expect, it } from 'vitest';
import { pictureOf } from './picture.js';

const bytes = (...parts: (string | readonly number[])[]) =>
  Buffer.concat([
    ...parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
    Buffer.alloc(32),
  ]);
const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

describe('pictureOf', () => {
  it.each([
    ['a PNG', bytes(PNG_SIGNATURE, [0, 0, 0, 13], 'IHDR', [0, 0, 1, 0], [0, 0, 0, 9]), 'image/png', 256, 9],
    ['a GIF', bytes('GIF87a', [0x10, 0x01, 0x02, 0x00]), 'image/gif', 272, 2],
    [
      'a JPEG behind its tables',
      bytes([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xff, 0xc4, 0, 3, 9, 0xff, 0xc2, 0, 11, 8, 0, 5, 0, 7]),
      'image/jpeg',
      7,
      5,
    ],
    [
      'a lossy WebP',
      bytes('RIFF', [0, 0, 0, 0], 'WEBPVP8 ', [0, 0, 0, 0, 0, 0, 0, 0x9d, 1, 0x2a, 3, 0, 4, 0]),
      'image/webp',
      3,
      4,
    ],
    [
      'a lossless WebP',
      bytes('RIFF', [0, 0, 0, 0], 'WEBPVP8L', [0, 0, 0, 0, 0x2f, 0x02, 0xc0, 0, 0]),
      'image/webp',
      3,
      4,
    ],
    [
      'an extended WebP',
      bytes('RIFF', [0, 0, 0, 0], 'WEBPVP8X', [10, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 3, 0, 0]),
      'image/webp',
      3,
      4,
    ],
  ])('reads type and size of %s', (_, picture, type, width, height) => {
    expect(pictureOf(picture)).toEqual({ type, width, height });
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
    ['a PNG without its header', bytes(PNG_SIGNATURE, [0, 0, 0, 13], 'IDAT')],
    ['a PNG of no width', bytes(PNG_SIGNATURE, [0, 0, 0, 13], 'IHDR', [0, 0, 0, 0], [0, 0, 0, 9])],
    ['a JPEG without a frame', bytes([0xff, 0xd8, 0xff, 0xd9])],
    ['a JPEG whose segment leads nowhere', bytes([0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff])],
    ['a RIFF of another kind', bytes('RIFF', [0, 0, 0, 0], 'WAVEfmt ')],
    ['a WebP of an unknown kind', bytes('RIFF', [0, 0, 0, 0], 'WEBPVP9 ')],
    ['text that begins like a GIF', bytes('GIF90a')],
  ])('takes %s for none', (_, other) => expect(pictureOf(other)).toBeNull());

  it('never reads beyond the end', () => {
    const whole = bytes([0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xc2, 0, 11, 8, 0, 5, 0, 7]);
    for (let length = 0; length < whole.length; length += 1)
      expect(() => pictureOf(whole.subarray(0, length))).not.toThrow();
  });
});
