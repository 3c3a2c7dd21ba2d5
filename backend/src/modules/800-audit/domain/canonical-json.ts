/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonRecord = Readonly<Record<string, Json>>;

/**
 * The one text of a JSON value: no white space, keys sorted by UTF-16 code units, scalars as ECMAScript writes them
 * (RFC 8785). Equal values have equal texts, whatever order their keys came in.
 *
 * @throws TypeError for what JSON can't say (NaN, an infinity)
 */
export function canonicalJson(value: Json): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${value} is no JSON`);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.keys(value)
    .sort(byCodeUnits)
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`);
  return `{${members.join(',')}}`;
}

/** A value of unknown origin as JSON has it: dates become text, `undefined` goes. Null for what has no JSON at all. */
export function asJson(value: unknown): Json {
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) return null;
  const parsed: Json = JSON.parse(text);
  return parsed;
}

export function asRecord(value: unknown): JsonRecord | null {
  const json = asJson(value);
  return isRecord(json) ? json : null;
}

export function isRecord(value: Json | undefined): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** The value with every text in it, however deep, replaced; keys stay. */
export function mapTexts(value: Json, replace: (text: string, key: string) => Json, key = ''): Json {
  if (typeof value === 'string') return replace(value, key);
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map((item) => mapTexts(item, replace, key));
  return mapRecord(value, replace);
}

export function mapRecord(record: JsonRecord, replace: (text: string, key: string) => Json): JsonRecord {
  return Object.fromEntries(Object.entries(record).map(([name, item]) => [name, mapTexts(item, replace, name)]));
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
