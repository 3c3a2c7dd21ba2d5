/**
 * What a spreadsheet takes for the beginning of a formula, full-width forms included: at the start of a cell, and behind a
 * semicolon, which separates cells in many countries.
 */
const FORMULA = /^(?=[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20])|;(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/g;

/** One field of RFC 4180: always quoted, quotes doubled, and a formula made a text by an apostrophe. A number is none. */
export function csvField(value: unknown): string {
  const text = value === null || value === undefined ? '' : String(value);
  const safe = typeof value === 'number' ? text : text.replace(FORMULA, "$&'");
  return `"${safe.replaceAll('"', '""')}"`;
}

/** A JSON array, an element a line, in pieces. */
export async function* asJsonArray(batches: AsyncIterable<readonly object[]>): AsyncIterable<string> {
  let separator = '[\n';
  for await (const batch of batches) {
    for (const element of batch) {
      yield separator + JSON.stringify(element);
      separator = ',\n';
    }
  }
  yield separator === '[\n' ? '[]\n' : '\n]\n';
}
