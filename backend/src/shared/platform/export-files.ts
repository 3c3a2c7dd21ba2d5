import { spreadsheetText } from '@telemetryflow/contracts';

/** One field of RFC 4180: always quoted, quotes doubled, and a formula made a text by an apostrophe. A number is none. */
export function csvField(value: unknown): string {
  const text = value === null || value === undefined ? '' : String(value);
  const safe = typeof value === 'number' ? text : spreadsheetText(text);
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
