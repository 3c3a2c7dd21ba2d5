import { ValidationError } from '../../../shared/platform/index.js';

/** The last row of a page: its instant, and what tells rows of the same instant apart. */
export interface Cursor {
  readonly ns: bigint;
  readonly id: string;
}

export function encodeCursor({ ns, id }: Cursor): string {
  return Buffer.from(`${ns}.${id}`).toString('base64url');
}

/**
 * Reads a cursor; `id` is what the id must look like.
 *
 * @throws ValidationError naming `cursor`
 */
export function decodeCursor(text: string, id: RegExp): Cursor {
  const [ns = '', rest = ''] = Buffer.from(text, 'base64url').toString('latin1').split('.', 2);
  if (!/^\d{1,19}$/.test(ns) || !id.test(rest)) {
    throw new ValidationError([
      { path: 'cursor', code: 'invalid_format', message: 'must be a nextCursor of this list' },
    ]);
  }
  return { ns: BigInt(ns), id: rest };
}
