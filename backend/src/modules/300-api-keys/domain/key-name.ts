const MAX_LENGTH = 255;
const SUFFIX = / \(Rotated(?: (\d+))?\)$/i;

/**
 * The name of a rotated key's successor: `shop`, `shop (Rotated)`, `shop (Rotated 2)` …, the next that no key in use has.
 *
 * @param isTaken asked with names in lower case
 */
export function successorName(name: string, isTaken: (lowerCaseName: string) => boolean): string {
  const match = SUFFIX.exec(name);
  const stem = match === null ? name : name.slice(0, match.index);
  for (let n = match === null ? 1 : Number(match[1] ?? 1) + 1; ; n += 1) {
    const suffix = n === 1 ? ' (Rotated)' : ` (Rotated ${n})`;
    const candidate = `${stem.slice(0, MAX_LENGTH - suffix.length)}${suffix}`;
    if (!isTaken(candidate.toLowerCase())) return candidate;
  }
}
