const SECRET_KEY =
  /^(authorization|cookie|set-cookie|proxy-authorization|credentials?|.*(password|passwd|secret|token|api[-_]?key|apikey|private[-_]?key))$/i;
/** Names that look secret but are not. */
const HARMLESS: ReadonlySet<string> = new Set(['token_type', 'tokenType']);
const MAX_DEPTH = 8;

export const REDACTED = '[redacted]';

/**
 * A copy of `value` in which every value under a secret's name is replaced; the original is left alone.
 * Errors, dates and buffers pass as they are.
 */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  // Whatever lies deeper is not looked through, so it is not shown either.
  if (depth > MAX_DEPTH) return REDACTED;
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, isSecret(key, item) ? REDACTED : redact(item, depth + 1)]),
  );
}

function isSecret(key: string, value: unknown): boolean {
  return SECRET_KEY.test(key) && !HARMLESS.has(key) && value !== undefined && value !== null && value !== '';
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Hides the credentials of addresses such as `postgres://user:password@host`, and of header values in text. */
export function redactText(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)[^\s/@]+@/gi, `$1${REDACTED}@`)
    .replace(/\b(Bearer|Basic)\s+[\w.~+/=:-]+/gi, `$1 ${REDACTED}`)
    .replace(/\btfs[-_][0-9a-f]{8,}/gi, REDACTED);
}
