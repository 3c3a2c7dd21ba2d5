import type { Attributes, AttributeValue } from '@telemetryflow/contracts';

/** A map column and its type letters, as the store keeps them. */
export interface AttributeColumns {
  readonly keys: readonly string[];
  readonly values: readonly string[];
  /** One letter per entry, in order. */
  readonly types: string;
}

/** SQL that selects a map and its letters under `<prefix>Keys`, `<prefix>Values`, `<prefix>Types`. */
export function attributeColumns(prefix: string, map = 'attributes', types = 'attribute_types'): string {
  return `mapKeys(${map}) AS ${prefix}Keys, mapValues(${map}) AS ${prefix}Values, ${types} AS ${prefix}Types`;
}

/** Natural JSON of a map column; of a repeated key the first value counts, as it does in filters. */
export function decodeAttributes({ keys, values, types }: AttributeColumns): Attributes {
  const entries = new Map<string, AttributeValue>();
  keys.forEach((key, i) => {
    if (!entries.has(key)) entries.set(key, decodeValue(values[i] ?? '', types.charAt(i)));
  });
  return Object.fromEntries(entries);
}

/** One value by its type letter (see the migration that creates the tables). */
export function decodeValue(text: string, letter: string): AttributeValue {
  switch (letter) {
    case 'i':
      return integer(text);
    case 'd': {
      const value = Number(text);
      return text !== '' && Number.isFinite(value) ? value : text;
    }
    case 'b':
      return text === 'true';
    case 'j':
      return parseLossless(text);
    case 'e':
      return null;
    default:
      return text;
  }
}

function integer(text: string): number | string {
  const value = Number(text);
  return text !== '' && Number.isSafeInteger(value) ? value : text;
}

/** JSON whose integers beyond 2^53 become their digits as text. Text that is no JSON stays text. */
function parseLossless(text: string): AttributeValue {
  try {
    return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
      typeof value === 'number' && context?.source !== undefined && /^-?\d+$/.test(context.source)
        ? integer(context.source)
        : value,
    ) as AttributeValue;
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

/** A fixed-width id column as lower-case hexadecimal text, empty when it is all zeros. */
export function hexId(column: string, digits: 16 | 32): string {
  return `if(${column} = unhex('${'0'.repeat(digits)}'), '', lower(hex(${column})))`;
}
