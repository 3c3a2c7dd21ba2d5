import type { AuditEntry } from '@telemetryflow/contracts';

const COLUMNS: readonly (readonly [string, (entry: AuditEntry) => unknown])[] = [
  ['at', ({ at }) => at],
  ['sequence', ({ sequence }) => sequence],
  ['action', ({ action }) => action],
  ['category', ({ category }) => category],
  ['result', ({ result }) => result],
  ['actorType', ({ actor }) => actor.type],
  ['actorId', ({ actor }) => actor.id],
  ['actor', ({ actor }) => actor.name],
  ['resourceType', ({ resource }) => resource.type],
  ['resourceId', ({ resource }) => resource.id],
  ['resource', ({ resource }) => resource.name],
  ['organizationId', ({ organizationId }) => organizationId],
  ['workspaceId', ({ workspaceId }) => workspaceId],
  ['tenantId', ({ tenantId }) => tenantId],
  ['ip', ({ ip }) => ip],
  ['userAgent', ({ userAgent }) => userAgent],
  ['requestId', ({ requestId }) => requestId],
  ['sessionId', ({ sessionId }) => sessionId],
  ['before', ({ before }) => before && JSON.stringify(before)],
  ['after', ({ after }) => after && JSON.stringify(after)],
  ['details', ({ details }) => JSON.stringify(details)],
  ['id', ({ id }) => id],
  ['hash', ({ hash }) => hash],
];

/** What a spreadsheet takes for the beginning of a formula, full-width forms included. */
const FORMULA = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

/** One field of RFC 4180: always quoted, quotes doubled, and a formula made a text by an apostrophe. */
export function csvField(value: unknown): string {
  const text = value === null || value === undefined ? '' : String(value);
  return `"${(FORMULA.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
}

/** The entries as CSV with a header, in pieces. */
export async function* asCsv(batches: AsyncIterable<readonly AuditEntry[]>): AsyncIterable<string> {
  yield `${COLUMNS.map(([name]) => csvField(name)).join(',')}\r\n`;
  for await (const entries of batches) {
    yield entries.map((entry) => `${COLUMNS.map(([, of]) => csvField(of(entry))).join(',')}\r\n`).join('');
  }
}

/** The entries as a JSON array, in pieces. */
export async function* asJsonArray(batches: AsyncIterable<readonly AuditEntry[]>): AsyncIterable<string> {
  let separator = '[\n';
  for await (const entries of batches) {
    for (const entry of entries) {
      yield separator + JSON.stringify(entry);
      separator = ',\n';
    }
  }
  yield separator === '[\n' ? '[]\n' : '\n]\n';
}
