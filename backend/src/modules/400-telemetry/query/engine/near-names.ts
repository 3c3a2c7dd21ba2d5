const MAX_NEAR = 3;

/** Known names that may have been meant by `name`, nearest first; at most three. */
export function nearNames(name: string, known: Iterable<string>): string[] {
  const wanted = comparable(name);
  const budget = Math.max(1, Math.min(3, Math.floor(wanted.length / 3)));
  const found: { name: string; distance: number }[] = [];
  for (const candidate of new Set(known)) {
    const distance = distanceOf(wanted, comparable(candidate), budget);
    if (distance <= budget && candidate !== name) found.push({ name: candidate, distance });
  }
  found.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return found.slice(0, MAX_NEAR).map((near) => near.name);
}

/** Case and separators are what people get wrong first: `httpRoute`, `http_route` and `http.route` are one. */
function comparable(name: string): string {
  return name
    .replace(/^(?:attributes|attr|resource)\./, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
}

/** Insertions, deletions, replacements and swaps of neighbours; 0.5 where one name is the other's beginning or end. */
function distanceOf(a: string, b: string, budget: number): number {
  if (a === b) return 0;
  if (a.length >= 3 && b.length >= 3 && (b.startsWith(a) || b.endsWith(a) || a.endsWith(b))) return 0.5;
  if (Math.abs(a.length - b.length) > budget) return Number.POSITIVE_INFINITY;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          replaced,
          at(last, j) + 1,
          at(row, j - 1) + 1,
          swapped ? at(before, j - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    before = last;
    last = row;
  }
  return at(last, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
