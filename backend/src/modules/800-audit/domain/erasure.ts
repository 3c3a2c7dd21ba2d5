import { mapRecord, type Json, type JsonRecord } from './canonical-json.js';
import type { ActorData, ChainedEntry, RecordedAct, SubjectData } from './entry.js';

/** Somebody whose data the trail must not show any more. */
export interface ErasedPerson {
  readonly userId: string;
  readonly pseudonym: string;
  /** How others' entries may mention the person; null when that has been gone through. */
  readonly email: string | null;
  readonly fullName: string | null;
}

export const ERASED = '[erased]';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

type Personal = Pick<RecordedAct, 'actorType' | 'actorId' | 'resourceType' | 'resourceId' | 'actor' | 'subject'>;

/** An act without the person's data: what they did and what was done to them stays, under the pseudonym. */
export function withoutPerson<T extends Personal>(act: T, person: ErasedPerson): T {
  const isActor = act.actorId === person.userId;
  const isSubject = act.resourceType === 'user' && act.resourceId === person.userId;
  // An anonymous act upon the person, such as a login that failed, was most likely their own.
  const actor = isActor || (isSubject && act.actorType === 'anonymous') ? erasedActor(act, isActor, person) : act.actor;
  const subject = isSubject ? erasedSubject(act.subject, person) : unmentioned(act.subject, person);
  return { ...act, actor, subject };
}

/** An entry without the person's data and, where that changed something, without the salt that covered it. */
export function eraseFrom(entry: ChainedEntry, person: ErasedPerson): ChainedEntry {
  const erased = withoutPerson(entry, person);
  const actorChanged = !sameJson(erased.actor, entry.actor);
  const subjectChanged = !sameJson(erased.subject, entry.subject);
  if (!actorChanged && !subjectChanged) return entry;
  return {
    ...erased,
    actorSeal: actorChanged ? { ...entry.actorSeal, salt: '' } : entry.actorSeal,
    subjectSeal: subjectChanged ? { ...entry.subjectSeal, salt: '' } : entry.subjectSeal,
    version: entry.version + 1,
  };
}

function erasedActor({ actor }: Personal, isActor: boolean, { pseudonym }: ErasedPerson): ActorData {
  return { name: isActor ? pseudonym : actor.name, ip: '', userAgent: '' };
}

function erasedSubject(subject: SubjectData, { pseudonym }: ErasedPerson): SubjectData {
  return {
    name: pseudonym,
    before: subject.before && mapRecord(subject.before, withheld),
    after: subject.after && mapRecord(subject.after, withheld),
    details: mapRecord(subject.details, withheld),
  };
}

/** Ids stay: they lead to nobody once the row behind them is anonymous. */
function withheld(text: string): Json {
  return UUID.test(text) || text === '' ? text : ERASED;
}

function unmentioned(subject: SubjectData, person: ErasedPerson): SubjectData {
  const mentions = [person.email ?? '', person.fullName ?? ''].filter((text) => text.trim() !== '');
  if (mentions.length === 0) return subject;
  const pattern = new RegExp(mentions.map(escaped).join('|'), 'gi');
  const replace = (text: string) => text.replace(pattern, person.pseudonym);
  const inRecord = (record: JsonRecord) => mapRecord(record, replace);
  return {
    name: replace(subject.name),
    before: subject.before && inRecord(subject.before),
    after: subject.after && inRecord(subject.after),
    details: inRecord(subject.details),
  };
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function sameJson(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
