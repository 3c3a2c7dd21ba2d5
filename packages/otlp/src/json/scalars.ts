import type { Field } from '../schema/message.js';

const MIN_INT64 = -(2n ** 63n);
const MAX_UINT64 = 2n ** 64n - 1n;
const TWO_32 = 4294967296;

/** A 64-bit integer in signed 32-bit halves. */
export interface Halves {
  lo: number;
  hi: number;
}

/**
 * Reads a JSON value as a 64-bit integer into `into`: a whole number, a bigint, or a string of decimal digits.
 *
 * @returns false when it is none of these or out of range
 */
export function readInteger64(value: unknown, signed: boolean, into: Halves): boolean {
  if (typeof value === 'string' && /^-?\d{1,15}$/.test(value)) value = Number(value);
  if (typeof value === 'number' && Number.isSafeInteger(value)) {
    if (value < 0 && !signed) return false;
    into.lo = (value % TWO_32) | 0;
    into.hi = Math.floor(value / TWO_32) | 0;
    return true;
  }
  const wide = toBigInt(value);
  if (wide === undefined || wide < (signed ? MIN_INT64 : 0n) || wide > (signed ? -MIN_INT64 - 1n : MAX_UINT64)) {
    return false;
  }
  into.lo = Number(BigInt.asIntN(32, wide));
  into.hi = Number(BigInt.asIntN(32, wide >> 32n));
  return true;
}

function toBigInt(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : undefined;
  if (typeof value !== 'string') return undefined;
  if (/^-?\d{1,20}$/.test(value)) return BigInt(value);
  // Protobuf's JSON mapping allows exponents and a zero fraction in quoted integers.
  const number = value.trim() === '' ? Number.NaN : Number(value);
  return Number.isInteger(number) ? BigInt(number) : undefined;
}

/** A JSON value as a double: a number, a numeric string, "NaN", "Infinity" or "-Infinity"; undefined when it is none. */
export function readDouble(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'string') return undefined;
  if (value === 'NaN') return Number.NaN;
  const number = value.trim() === '' ? Number.NaN : Number(value);
  return Number.isNaN(number) ? undefined : number;
}

/**
 * A JSON value as an enum number: an integer, or a value's name with or without its prefix. A name or number that is
 * not known here is 0, as a newer client may send it; undefined when the value is of another JSON type.
 */
export function readEnum(value: unknown, field: Field): number | undefined {
  if (typeof value === 'number') return Number.isInteger(value) ? value | 0 : undefined;
  if (typeof value !== 'string') return undefined;
  if (/^-?\d+$/.test(value)) return Number(value) | 0;
  const names = field.names ?? [];
  return Math.max(
    names.findIndex((name) => value === name || value.endsWith(`_${name}`)),
    0,
  );
}
