import { NotFoundError } from '../../../shared/platform/index.js';

/** What a command has just made, out of a list. It may be gone by now. Throws `NotFoundError` then. */
export function oneOf<T extends { readonly id: string }>(list: readonly T[], id: string): T {
  const found = list.find((entry) => entry.id === id);
  if (!found) throw new NotFoundError('What was made');
  return found;
}
