/** A value as OTLP types it, for rows that are inserted as the transcoder would write them. */
export type Typed =
  string | boolean | null | { int: string | number } | { double: number } | { json: unknown } | { bytes: string };
export type TypedAttributes = Readonly<Record<string, Typed>>;

export function attributeRow(attributes: TypedAttributes): {
  attributes: Record<string, string>;
  attribute_types: string;
} {
  const entries = Object.entries(attributes).map(([key, value]) => [key, ...encode(value)] as const);
  return {
    attributes: Object.fromEntries(entries.map(([key, text]) => [key, text])),
    attribute_types: entries.map(([, , letter]) => letter).join(''),
  };
}

/** The text and the type letter of a value. */
export function encode(value: Typed): [text: string, letter: string] {
  if (value === null) return ['', 'e'];
  if (typeof value === 'string') return [value, 's'];
  if (typeof value === 'boolean') return [String(value), 'b'];
  if ('int' in value) return [String(value.int), 'i'];
  if ('double' in value) return [String(value.double), 'd'];
  if ('bytes' in value) return [value.bytes, 'y'];
  return [JSON.stringify(value.json), 'j'];
}

/** A FixedString column's bytes as JSON carries them: only hexadecimal digits up to 7f keep one byte each. */
export function fixed(hex: string): string {
  return Buffer.from(hex, 'hex').toString('latin1');
}

/** Nanoseconds as ClickHouse's DateTime64(9) text. */
export function time(ns: bigint): string {
  return `${ns / 1_000_000_000n}.${(ns % 1_000_000_000n).toString().padStart(9, '0')}`;
}
