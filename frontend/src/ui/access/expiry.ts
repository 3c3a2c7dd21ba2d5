/** How long a role, a grant or a key may last, in days; 0 is for ever. */
export const EXPIRY_DAYS = [0, 1, 7, 30, 90, 365] as const;
const DAY_MS = 86_400_000;

/** The instant that many days ahead; null for 0. */
export function expiryOf(days: number, nowMs: number = Date.now()): string | null {
  return days === 0 ? null : new Date(nowMs + days * DAY_MS).toISOString();
}
