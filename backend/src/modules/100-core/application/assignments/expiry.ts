import { ValidationError } from '../../../../shared/platform/index.js';

/**
 * @param now Unix milliseconds
 * @returns null: it does not expire
 * @throws ValidationError when it is past
 */
export function expiryOf(wanted: string | null | undefined, now: number): Date | null {
  if (wanted === null || wanted === undefined) return null;
  const expiresAt = new Date(wanted);
  if (expiresAt.getTime() > now) return expiresAt;
  throw new ValidationError([{ path: 'expiresAt', code: 'out_of_range', message: 'must be in the future' }]);
}
