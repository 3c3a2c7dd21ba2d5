import { nearNames as namesSpelledLike } from '@telemetryflow/contracts';

const MAX_NEAR = 3;
/** Shorter beginnings and ends say nothing. */
const SHORTEST_PART = 3;

/** Known names that may have been meant by `name`, nearest first; at most three. */
export function nearNames(name: string, known: Iterable<string>): string[] {
  const wanted = comparable(name);
  const candidates = Map.groupBy([...new Set(known)].filter((candidate) => candidate !== name).sort(), comparable);
  const texts = [...candidates.keys()];
  const near = new Set([
    ...texts.filter((text) => text === wanted),
    ...texts.filter((text) => isPartOf(wanted, text)),
    ...namesSpelledLike(wanted, texts),
  ]);
  return [...near].flatMap((text) => candidates.get(text) ?? []).slice(0, MAX_NEAR);
}

/** Case and separators are what people get wrong first: `httpRoute`, `http_route` and `http.route` are one. */
function comparable(name: string): string {
  return name
    .replace(/^(?:attributes|attr|resource)\./, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

/** Whether one is the other's beginning or end. */
function isPartOf(a: string, b: string): boolean {
  if (a.length < SHORTEST_PART || b.length < SHORTEST_PART) return false;
  return b.startsWith(a) || b.endsWith(a) || a.endsWith(b);
}
