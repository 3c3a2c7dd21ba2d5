import { z } from 'zod';
import { redact, REDACTED } from '../../../shared/logger/index.js';
import type { PlatformEvent } from '../../../shared/messaging/index.js';
import { asRecord, canonicalJson, mapRecord, type JsonRecord } from '../domain/canonical-json.js';
import { categoryOf } from '../domain/category.js';
import { NOBODY, type RecordedAct } from '../domain/entry.js';

/** Longest texts that an entry takes over; beyond it they are cut. */
const MAX_NAME = 512;
const MAX_USER_AGENT = 1024;
/** Largest before, after or details of an entry, as canonical JSON. */
const MAX_RECORD_CHARACTERS = 64 * 1024;
/** Hashes of passwords and tokens; the logger's rules name the other secrets. */
const HASH_KEY = /hash$/i;
const KEY_SECRET = /\b(tfs[-_][0-9a-f]{8,}|\$argon2id\$\S+)/gi;

const text = (most: number) =>
  z
    .string()
    .nullish()
    .transform((value) => (value ?? '').slice(0, most));
const id = z
  .uuid()
  .nullish()
  .transform((value) => value?.toLowerCase() ?? NOBODY);

const Payload = z
  .object({
    actor: z
      .union([
        z.object({ type: z.literal('user'), id: z.string(), email: z.string(), sessionId: z.string().nullish() }),
        z.object({ type: z.literal('api-key'), id: z.string(), keyId: z.string() }),
        z.object({ type: z.literal('system'), id: z.string() }),
      ])
      .nullish(),
    requestId: text(MAX_NAME),
    ip: text(64),
    userAgent: text(MAX_USER_AGENT),
    workspaceId: id,
    tenantId: id,
    resource: z.object({ type: z.string().max(100), id: z.string().max(200).nullish(), name: text(MAX_NAME) }),
    result: z.enum(['success', 'failure', 'denied']),
    before: z.record(z.string(), z.unknown()).nullish(),
    after: z.record(z.string(), z.unknown()).nullish(),
    aggregateId: z.unknown().optional(),
    organizationId: z.unknown().optional(),
  })
  .catchall(z.unknown());
type Payload = z.infer<typeof Payload>;

/** Whether an event tells of an act (`recordAct`), not of something that only other modules care about. */
export function isAct({ payload }: PlatformEvent): boolean {
  return typeof payload['resource'] === 'object' && payload['resource'] !== null && 'result' in payload;
}

/**
 * The act that an event tells of, ready for the trail: without secrets, and no larger than an entry may be.
 *
 * @throws ZodError when an act was recorded in another form than `recordAct`'s
 */
export function actOf(event: PlatformEvent): RecordedAct {
  const payload = Payload.parse(event.payload);
  const { actor, requestId, ip, userAgent, workspaceId, tenantId, resource, result, before, after, ...rest } = payload;
  const { aggregateId: _aggregate, organizationId: _organization, ...details } = rest;
  return {
    eventId: event.id,
    organizationId: event.organizationId ?? NOBODY,
    at: event.occurredAt,
    action: event.type,
    category: categoryOf(event.type),
    result,
    ...actorOf(actor),
    resourceType: resource.type,
    resourceId: resource.id ?? '',
    workspaceId,
    tenantId,
    requestId,
    actor: { name: nameOf(actor).slice(0, MAX_NAME), ip, userAgent },
    subject: {
      name: resource.name,
      before: before ? shown(before) : null,
      after: after ? shown(after) : null,
      details: shown(details) ?? {},
    },
  };
}

function actorOf(actor: Payload['actor']): Pick<RecordedAct, 'actorType' | 'actorId' | 'sessionId'> {
  if (!actor) return { actorType: 'anonymous', actorId: '', sessionId: '' };
  const sessionId = actor.type === 'user' ? (actor.sessionId ?? '') : '';
  return { actorType: actor.type, actorId: actor.id, sessionId };
}

function nameOf(actor: Payload['actor']): string {
  if (!actor) return '';
  if (actor.type === 'user') return actor.email;
  return actor.type === 'api-key' ? actor.keyId : actor.id;
}

/** Whoever records an act leaves secrets out; should one slip through, it ends here. */
function shown(record: Readonly<Record<string, unknown>>): JsonRecord | null {
  const redacted = asRecord(redact(record));
  if (!redacted) return null;
  const clean = mapRecord(redacted, (value, key) =>
    HASH_KEY.test(key) && value !== '' ? REDACTED : value.replace(KEY_SECRET, REDACTED),
  );
  const { length } = canonicalJson(clean);
  return length <= MAX_RECORD_CHARACTERS ? clean : { tooLarge: true, characters: length };
}
