import type { AuditEntry } from '@telemetryflow/contracts';
import { csvField } from '../../../shared/platform/index.js';

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

/** The entries as CSV with a header, in pieces. */
export async function* asCsv(batches: AsyncIterable<readonly AuditEntry[]>): AsyncIterable<string> {
  yield `${COLUMNS.map(([name]) => csvField(name)).join(',')}\r\n`;
  for await (const entries of batches) {
    yield entries.map((entry) => `${COLUMNS.map(([, of]) => csvField(of(entry))).join(',')}\r\n`).join('');
  }
}
