import { createHash, randomBytes } from 'node:crypto';
import type { AuditCategory, AuditEntry, AuditResult } from '@telemetryflow/contracts';
import { canonicalJson, type Json, type JsonRecord } from './canonical-json.js';

/** The chain of what belongs to no organization, and what stands for "none" where a UUID is expected. */
export const NOBODY = '00000000-0000-0000-0000-000000000000';

/** What tells of the person or program that acted. */
export interface ActorData {
  readonly name: string;
  readonly ip: string;
  readonly userAgent: string;
}

/** What tells of the one that it happened to. */
export interface SubjectData {
  readonly name: string;
  readonly before: JsonRecord | null;
  readonly after: JsonRecord | null;
  readonly details: JsonRecord;
}

/** An act that has no place in a chain yet. */
export interface RecordedAct {
  readonly eventId: string;
  readonly organizationId: string;
  readonly at: Date;
  readonly action: string;
  readonly category: AuditCategory;
  readonly result: AuditResult;
  readonly actorType: AuditEntry['actor']['type'];
  readonly actorId: string;
  readonly resourceType: string;
  readonly resourceId: string;
  readonly workspaceId: string;
  readonly tenantId: string;
  readonly requestId: string;
  readonly sessionId: string;
  readonly actor: ActorData;
  readonly subject: SubjectData;
}

/** Personal data under a digest that its erasure does not break: the salt goes with the data. */
export interface Sealed {
  readonly salt: string;
  readonly digest: string;
}

/** An act in its place. */
export interface ChainedEntry extends RecordedAct {
  readonly sequence: number;
  readonly actorSeal: Sealed;
  readonly subjectSeal: Sealed;
  readonly previousHash: string;
  readonly hash: string;
  /** Counts the erasures that the entry has gone through. */
  readonly version: number;
}

/** Links an act to the entry before it. */
export function chain(act: RecordedAct, after: { readonly sequence: number; readonly hash: string }): ChainedEntry {
  const unhashed = {
    ...act,
    sequence: after.sequence + 1,
    actorSeal: seal(actorJson(act.actor)),
    subjectSeal: seal(subjectJson(act.subject)),
  };
  return { ...unhashed, previousHash: after.hash, hash: hashOf(unhashed, after.hash), version: 0 };
}

type Hashed = Omit<ChainedEntry, 'previousHash' | 'hash' | 'version' | 'actor' | 'subject'>;

/** SHA-256 of the hash before it and the canonical JSON of the entry, in which digests stand for personal data. */
export function hashOf(entry: Hashed, previousHash: string): string {
  const covered: JsonRecord = {
    id: entry.eventId,
    sequence: entry.sequence,
    organizationId: entry.organizationId,
    at: entry.at.toISOString(),
    action: entry.action,
    category: entry.category,
    result: entry.result,
    actorType: entry.actorType,
    actorId: entry.actorId,
    actorDigest: entry.actorSeal.digest,
    resourceType: entry.resourceType,
    resourceId: entry.resourceId,
    subjectDigest: entry.subjectSeal.digest,
    workspaceId: entry.workspaceId,
    tenantId: entry.tenantId,
    requestId: entry.requestId,
    sessionId: entry.sessionId,
  };
  return sha256(previousHash + canonicalJson(covered));
}

/** The digests that the ledger holds for what an erasure put in the place of personal data; null: nothing was erased. */
export interface ErasureMarks {
  readonly erasedActor: string | null;
  readonly erasedSubject: string | null;
}

/** Whether the entry is what its hash says: its fields, and its personal data or what replaced it. */
export function isAuthentic(entry: ChainedEntry, marks: ErasureMarks): boolean {
  return (
    hashOf(entry, entry.previousHash) === entry.hash &&
    covers(entry.actorSeal, actorJson(entry.actor), marks.erasedActor) &&
    covers(entry.subjectSeal, subjectJson(entry.subject), marks.erasedSubject)
  );
}

/** The digest of values that stand where personal data was. */
export function replacementDigest(data: { actor: ActorData } | { subject: SubjectData }): string {
  return sha256(canonicalJson('actor' in data ? actorJson(data.actor) : subjectJson(data.subject)));
}

function covers({ salt, digest }: Sealed, data: Json, replacement: string | null): boolean {
  if (salt !== '') return digestOf(salt, data) === digest;
  return replacement !== null && sha256(canonicalJson(data)) === replacement;
}

function seal(data: Json): Sealed {
  const salt = randomBytes(16).toString('hex');
  return { salt, digest: digestOf(salt, data) };
}

function digestOf(salt: string, data: Json): string {
  return sha256(salt + canonicalJson(data));
}

function actorJson({ name, ip, userAgent }: ActorData): Json {
  return { name, ip, userAgent };
}

function subjectJson({ name, before, after, details }: SubjectData): Json {
  return { name, before, after, details };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
