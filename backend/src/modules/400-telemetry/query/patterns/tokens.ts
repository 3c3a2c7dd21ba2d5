/** Stands for what differs between the texts of one pattern. */
export const WILDCARD = '<*>';

/** Texts are compared by so many tokens of their beginning. */
export const MAX_TOKENS = 64;

/**
 * What is certainly no part of a message's wording, longest forms first: ids, times, addresses, numbers with their units.
 * A digit inside a word (`utf8`, `s3`) is left alone unless the rest of the word looks like an id.
 */
const VARIABLES = new RegExp(
  [
    String.raw`\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b`,
    String.raw`\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?`,
    String.raw`\b\d{1,2}:\d{2}:\d{2}(?:[.,]\d+)?\b`,
    String.raw`\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b`,
    String.raw`\b(?:0x)?(?=[0-9a-fA-F]*\d)(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{7,64}\b`,
    String.raw`(?<![A-Za-z0-9_])[+-]?\d+(?:[.,]\d+)*(?:%|[a-zA-Zµ]{1,3})?(?![A-Za-z0-9_])`,
  ].join('|'),
  'g',
);

/** The words of a text, with what is plainly variable replaced. */
export function tokensOf(text: string): string[] {
  const tokens = text
    .trim()
    .replace(VARIABLES, WILDCARD)
    .split(/\s+/, MAX_TOKENS + 1);
  return tokens.filter((token) => token !== '').slice(0, MAX_TOKENS);
}

/** The part of `key=value`, `key:value`, `path/value` that two tokens share, up to and with its separator. */
export function sharedKey(a: string, b: string): string {
  let end = 0;
  for (let i = 0; i < a.length && a[i] === b[i]; i++) {
    if (SEPARATORS.includes(a.charAt(i))) end = i + 1;
  }
  return a.slice(0, end);
}
const SEPARATORS = '=:/([{"\'';

/** Whether a token is one that a place of a template stands for. */
export function fits(place: string, token: string): boolean {
  if (place === token) return true;
  return (
    place.endsWith(WILDCARD) && place.length > WILDCARD.length && token.startsWith(place.slice(0, -WILDCARD.length))
  );
}
