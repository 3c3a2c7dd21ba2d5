import { formatTfql } from '@telemetryflow/contracts';
import { decodeValue } from '../readers/attributes.js';
import { MAX_TOKENS, tokensOf, WILDCARD } from './tokens.js';

/** Keys under which structured records carry their message, most telling first. */
const MESSAGE_KEYS = ['message', 'msg', 'event', 'body', 'text'];

/** Where the wording comes from: the whole body, a message within its JSON, the keys of that JSON, the event's name. */
export type Wording = 'body' | 'message' | 'keys' | 'event';

export interface PatternText {
  readonly wording: Wording;
  readonly text: string;
  readonly tokens: readonly string[];
}

/** What of a record is wording, and what of that is surely none. */
export function patternText(body: string, bodyType: string, eventName: string): PatternText {
  const of = (wording: Wording, text: string) => ({ wording, text, tokens: tokensOf(text) });
  if (body === '') return of('event', eventName);
  const value = bodyType === 'j' ? decodeValue(body, bodyType) : body;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return of('body', body);
  const message = MESSAGE_KEYS.map((key) => value[key]).find((text) => typeof text === 'string' && text !== '');
  if (typeof message === 'string') return of('message', message);
  return { wording: 'keys', text: body, tokens: Object.keys(value).map((key) => `${JSON.stringify(key)}:${WILDCARD}`) };
}

/**
 * TFQL that finds the texts of a template. `isLoose`: some have more than one space between words. `isCut`: some go on
 * beyond what was read of them.
 */
export function templateFilter(
  template: readonly string[],
  { wording, isLoose, isCut }: { readonly wording: Wording; readonly isLoose: boolean; readonly isCut: boolean },
): string {
  const literal = (text: string) => escapeRegex(wording === 'message' ? JSON.stringify(text).slice(1, -1) : text);
  const space = wording === 'keys' ? '.*' : isLoose ? String.raw`\s+` : ' ';
  const whole = template.map((token) => token.split(WILDCARD).map(literal).join('.*')).join(space);
  const edge = isLoose ? String.raw`\s*` : '';
  const isWhole = wording === 'body' || wording === 'event';
  const end = isCut || template.length >= MAX_TOKENS ? '' : `${edge}$`;
  return formatTfql({
    kind: 'compare',
    field: wording === 'event' ? 'event.name' : 'body',
    operator: '~',
    value: { text: isWhole ? `^${edge}${whole}${end}` : whole.replace(/\.\*$/, ''), quoted: true },
    at: { from: 0, to: 0 },
  });
}

const escapeRegex = (text: string) => text.replace(/[\\^$.|?*+()[\]{}]/g, String.raw`\$&`);
