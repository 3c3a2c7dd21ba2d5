import { OtlpDecodeError } from '../errors.js';

/** An integer of 16 digits or more outside quotes (or, harmlessly, something in a string that looks like one). */
const WIDE_INTEGER = /[:,[]\s*-?\d{16}/;

const decoder = new TextDecoder('utf-8');

/**
 * Parses a JSON request body. Integers beyond 2^53 that stand unquoted come back as bigint: OTLP/JSON allows 64-bit
 * integers as numbers, and JSON.parse alone would round them. The slower parse runs only when the text has one.
 *
 * @throws OtlpDecodeError when the text is not JSON
 */
export function parseJson(body: Uint8Array): unknown {
  const text = decoder.decode(body);
  try {
    return WIDE_INTEGER.test(text) ? (JSON.parse(text, keepWideIntegers) as unknown) : (JSON.parse(text) as unknown);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OtlpDecodeError(`the body is not JSON: ${reason}`, 'body');
  }
}

function keepWideIntegers(this: unknown, _key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  return source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value;
}
