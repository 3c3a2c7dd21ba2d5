import type { RowWriter } from './row-writer.js';

const TWO_32 = 4294967296;
const BILLION = 1_000_000_000;
/** The two digits of 0..99, the first in the low byte. */
const PAIRS = Uint16Array.from({ length: 100 }, (_, n) => (0x30 + Math.floor(n / 10)) | ((0x30 + (n % 10)) << 8));

/** 0..999 as RowBinary strings: the length in the low byte, then the digits. */
const SMALL_STRINGS = Int32Array.from({ length: 1000 }, (_, n) =>
  [...String(n)].reduce((word, digit, i) => word | (digit.charCodeAt(0) << (8 * i + 8)), String(n).length),
);

/** Writes an integer in 0..999 as a RowBinary string: status codes and ports, mostly. */
export function writeSmallIntString(out: RowWriter, value: number): void {
  const word = SMALL_STRINGS[value];
  out.view.setInt32(out.pos, word, true);
  out.pos += 1 + (word & 0xff);
}

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

/**
 * Writes the shortest round-trip text of the double at `at`, as JavaScript spells it, without a length. At most 25 bytes.
 * The place is passed on, not the value: a double that goes from function to function becomes an object.
 */
export function writeDoubleText(out: RowWriter, from: DataView, at: number): void {
  let value = from.getFloat64(at, true);
  if (value < 1e15 && value > -1e15 && Math.floor(value) === value) {
    if (value < 0) {
      out.u8(0x2d);
      value = -value;
    }
    writeSafeInteger(out, value + 0);
    return;
  }
  if (!writeShortFraction(out, from, at) && !writeLongFraction(out, from, at)) out.ascii(String(value));
}

/**
 * Up to six decimals without a string. A decimal of at most 15 significant digits that reads back as the same double
 * is its shortest text, because no two such decimals share a double.
 */
function writeShortFraction(out: RowWriter, from: DataView, at: number): boolean {
  const value = from.getFloat64(at, true);
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

/** 10^n and its halves of 26 bits, whose products are exact (Dekker). Powers of ten are exact doubles up to 10^22. */
const POWERS = Float64Array.from({ length: 23 }, (_, n) => 10 ** n);
const POWERS_HIGH = POWERS.map((power) => upperHalf(power));
const bits = new DataView(new ArrayBuffer(8));

function upperHalf(value: number): number {
  const shifted = 134_217_729 * value;
  return shifted - (shifted - value);
}

/**
 * The doubles that need 16 or 17 significant digits: what computations yield, and slow to make by way of a string.
 *
 * The value times 10^n, with n such that it has 17 digits before the point, is had exactly as product + error; so is
 * the half distance to the neighbouring doubles. The shortest text is the nearest multiple of ten (16 digits) if that is
 * within the half distance, else the nearest integer. Up to 15 digits are tried first. What is undecided
 * (a tie, a power of two, which has its neighbours at different distances) is left to the caller.
 */
function writeLongFraction(out: RowWriter, from: DataView, at: number): boolean {
  const value = from.getFloat64(at, true);
  const size = Math.abs(value);
  if (!(size >= 1e-5 && size < 1e15)) return false;
  let places = 16;
  if (size >= 1) for (; size >= POWERS[17 - places]; places--);
  else for (; size < 1 / POWERS[places - 16]; places++);
  const short = Math.round(size * POWERS[places - 2]);
  if (short / POWERS[places - 2] === size) {
    const upper = Math.floor(short / 1e7);
    writeScaled(out, value < 0, upper, (short - upper * 1e7) * 100, places);
    return true;
  }
  const power = POWERS[places];
  const product = size * power;
  const sizeHigh = upperHalf(size);
  const powerHigh = POWERS_HIGH[places];
  const sizeLow = size - sizeHigh;
  const powerLow = power - powerHigh;
  const error = sizeLow * powerLow - (product - sizeHigh * powerHigh - sizeLow * powerHigh - sizeHigh * powerLow);

  bits.setFloat64(0, size);
  const exponent = bits.getInt32(0) >>> 20;
  if (bits.getInt32(4) === 0 && (bits.getInt32(0) & 0xfffff) === 0) return false;
  // Half a unit in the last place, 2^(exponent - 1023 - 53), times the power.
  bits.setInt32(0, (exponent - 53) << 20);
  bits.setInt32(4, 0);
  const half = bits.getFloat64(0) * power;

  const top = Math.floor(product / BILLION);
  const whole = Math.floor(error);
  let low = product - top * BILLION + whole;
  const rest = error - whole;
  if (low < 0) return false;
  const units = (low % 10) + rest;
  if (units === 5 || rest === 0.5 || units === half || 10 - units === half) return false;
  if (units < 5 && units < half) low -= low % 10;
  else if (units > 5 && 10 - units < half) low += 10 - (low % 10);
  else if (rest > 0.5) low++;
  const carry = low < BILLION ? 0 : 1;
  if (top + carry >= 100_000_000 || top < 10_000_000) return false;
  writeScaled(out, value < 0, top + carry, low - carry * BILLION, places);
  return true;
}

/** Writes (top * 10^9 + low) / 10^places, of 17 digits, without trailing zeros. */
function writeScaled(out: RowWriter, isNegative: boolean, top: number, low: number, places: number): void {
  if (isNegative) out.u8(0x2d);
  const { bytes } = out;
  let before = 17 - places;
  if (before <= 0) {
    out.u8(0x30);
    out.u8(0x2e);
    for (; before < 0; before++) out.u8(0x30);
    writePadded(out, top, 8);
    writePadded(out, low, 9);
  } else {
    const start = out.pos++;
    writePadded(out, top, 8);
    writePadded(out, low, 9);
    for (let p = start; p < start + before; p++) bytes[p] = bytes[p + 1];
    bytes[start + before] = 0x2e;
  }
  while (bytes[out.pos - 1] === 0x30) out.pos--;
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
