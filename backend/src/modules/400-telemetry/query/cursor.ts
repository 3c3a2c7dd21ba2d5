import { ValidationError } from '../../../shared/platform/index.js';

/** The last row of a page: its instant, and what tells rows of the same instant apart. */
export interface Cursor {
  readonly ns: bigint;
  readonly id: string;
}

/** The largest instant that the store's Int64 of nanoseconds holds. */
const LATEST_NS = 2n ** 63n - 1n;

export function encodeCursor({ ns, id }: Cursor): string {
  return Buffer.from(`${ns}.${id}`).toString('base64url');
}

/**
 * Reads a cursor; `isId` says whether its second half is an id of the list.
 *
 * @throws ValidationError naming `cursor`
 */
export function decodeCursor(text: string, isId: (text: string) => boolean): Cursor {
  const [ns = '', rest = ''] = Buffer.from(text, 'base64url').toString('latin1').split('.', 2);
  if (!/^\d{1,19}$/.test(ns) || BigInt(ns) > LATEST_NS || !isId(rest)) {
    throw new ValidationError([
      { path: 'cursor', code: 'invalid_format', message: 'must be a nextCursor of this list' },
    ]);
  }
  return { ns: BigInt(ns), id: rest };
}
