/** Pictures that browsers show and that can hold no script. */
export const PICTURE_TYPES = ['image/png', 'image/jpeg', 'image/webp', 'image/gif'] as const;
export type PictureType = (typeof PICTURE_TYPES)[number];

export interface Picture {
  readonly type: PictureType;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

type Measured = Omit<Picture, 'type'>;

/** What the bytes are by their own header, whatever their sender called them; null: none of {@link PICTURE_TYPES}. */
export function pictureOf(bytes: Buffer): Picture | null {
  for (const [type, measure] of MEASURES) {
    const size = measure(bytes);
    if (size !== null && size.width > 0 && size.height > 0) return { type, ...size };
  }
  return null;
}

const MEASURES: readonly (readonly [PictureType, (bytes: Buffer) => Measured | null])[] = [
  ['image/png', measurePng],
  ['image/jpeg', measureJpeg],
  ['image/webp', measureWebp],
  ['image/gif', measureGif],
];

/** PNG (ISO 15948) 5.2 and 11.2.2: the signature, then IHDR. */
function measurePng(bytes: Buffer): Measured | null {
  const isPng = bytes.length >= 33 && bytes.subarray(0, 8).equals(Buffer.from('89504e470d0a1a0a', 'hex'));
  if (!isPng || bytes.toString('latin1', 12, 16) !== 'IHDR') return null;
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

/** GIF89a section 18: the logical screen. */
function measureGif(bytes: Buffer): Measured | null {
  if (bytes.length < 13 || !/^GIF8[79]a$/.test(bytes.toString('latin1', 0, 6))) return null;
  return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
}

/** JPEG (ITU T.81) annex B: segments up to the frame header. */
function measureJpeg(bytes: Buffer): Measured | null {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return null;
  let at = 2;
  while (at + 9 <= bytes.length) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
    } else if (isFrameHeader(marker)) {
      return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
    } else {
      at += 2 + bytes.readUInt16BE(at + 2);
    }
  }
  return null;
}

/** SOF0 to SOF15, without the tables (DHT, JPG, DAC) among them. */
function isFrameHeader(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** RFC 9649 section 2: RIFF, then a lossy, lossless or extended chunk. */
function measureWebp(bytes: Buffer): Measured | null {
  const text = (from: number, to: number) => bytes.toString('latin1', from, to);
  if (bytes.length < 30 || text(0, 4) !== 'RIFF' || text(8, 12) !== 'WEBP') return null;
  switch (text(12, 16)) {
    case 'VP8 ':
      return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
    case 'VP8L': {
      const bits = bytes.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8X':
      return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
    default:
      return null;
  }
}
