import type { RowWriter } from './row-writer.js';

const TWO_32 = 4294967296;
const BILLION = 1_000_000_000;
/** The two digits of 0..99, the first in the low byte. */
const PAIRS = Uint16Array.from({ length: 100 }, (_, n) => (0x30 + Math.floor(n / 10)) | ((0x30 + (n % 10)) << 8));

/** Writes a signed 64-bit integer, given in halves, as decimal digits without a length. At most 20 bytes. */
export function writeInt64Text(out: RowWriter, lo: number, hi: number): void {
  if (hi === 0 && lo >= 0 && lo < BILLION) {
    writePadded(out, lo, digitsOf(lo));
    return;
  }
  if (hi < 0) {
    out.u8(0x2d);
    // Two's complement: negate both halves, carrying when the low one is zero.
    hi = ~hi + (lo === 0 ? 1 : 0);
    lo = -lo;
  }
  lo >>>= 0;
  hi >>>= 0;
  if (hi < 0x200000) writeSafeInteger(out, hi * TWO_32 + lo);
  else writeWide(out, lo, hi);
}

/** Writes a double's shortest round-trip text, as JavaScript spells it, without a length. At most 25 bytes. */
export function writeDoubleText(out: RowWriter, value: number): void {
  if (value < 1e15 && value > -1e15 && Math.floor(value) === value) {
    if (value < 0) {
      out.u8(0x2d);
      value = -value;
    }
    writeSafeInteger(out, value + 0);
    return;
  }
  if (!writeShortFraction(out, value)) out.ascii(String(value));
}

/**
 * Up to six decimals without a string. A decimal of at most 15 significant digits that reads back as the same double
 * is its shortest text, because no two such decimals share a double.
 */
function writeShortFraction(out: RowWriter, value: number): boolean {
  const size = Math.abs(value);
  if (!(size >= 0.001 && size < 1e9)) return false;
  const scaled = Math.round(size * 1e6);
  if (scaled / 1e6 !== size) return false;
  if (value < 0) out.u8(0x2d);
  const whole = Math.floor(scaled / 1e6);
  let fraction = (scaled - whole * 1e6) | 0;
  let places = 6;
  for (let tenth = (fraction / 10) | 0; tenth * 10 === fraction; tenth = (fraction / 10) | 0) {
    fraction = tenth;
    places--;
  }
  const small = whole | 0;
  writePadded(out, small, digitsOf(small));
  out.u8(0x2e);
  writePadded(out, fraction, places);
  return true;
}

/** Decimal digits of an integer in 0..2^53. */
function writeSafeInteger(out: RowWriter, value: number): void {
  if (value < BILLION) {
    const small = value | 0;
    writePadded(out, small, digitsOf(small));
    return;
  }
  const high = Math.floor(value / BILLION);
  writeSafeInteger(out, high);
  writePadded(out, value - high * BILLION, 9);
}

/** 2^53 and above: long division by 10^9 in 16-bit steps, each of which stays exact in a double. */
function writeWide(out: RowWriter, lo: number, hi: number): void {
  const quotientTop = Math.floor(hi / BILLION);
  const middle = (hi - quotientTop * BILLION) * 65536 + (lo >>> 16);
  const quotientMiddle = Math.floor(middle / BILLION);
  const bottom = (middle - quotientMiddle * BILLION) * 65536 + (lo & 0xffff);
  const quotientBottom = Math.floor(bottom / BILLION);
  writeSafeInteger(out, quotientTop * TWO_32 + quotientMiddle * 65536 + quotientBottom);
  writePadded(out, bottom - quotientBottom * BILLION, 9);
}

/** Exactly `width` digits of an integer below 10^9, with leading zeros. */
function writePadded(out: RowWriter, value: number, width: number): void {
  const { bytes, pos } = out;
  let rest = value | 0;
  let p = pos + width - 1;
  for (; p > pos; p -= 2) {
    const hundredth = (rest / 100) | 0;
    const pair = PAIRS[rest - hundredth * 100];
    bytes[p - 1] = pair;
    bytes[p] = pair >>> 8;
    rest = hundredth;
  }
  if (p === pos) bytes[p] = 0x30 + (rest % 10);
  out.pos = pos + width;
}

function digitsOf(value: number): number {
  if (value < 10) return 1;
  if (value < 100) return 2;
  if (value < 1000) return 3;
  if (value < 10_000) return 4;
  if (value < 100_000) return 5;
  if (value < 1_000_000) return 6;
  if (value < 10_000_000) return 7;
  return value < 100_000_000 ? 8 : 9;
}
