import { QueryFailedError } from 'typeorm';

/** Whether the statement failed because the named constraint or unique index forbids it. */
export function isViolationOf(error: unknown, constraint: string): boolean {
  if (!(error instanceof QueryFailedError)) return false;
  const cause: unknown = error.driverError;
  return typeof cause === 'object' && cause !== null && 'constraint' in cause && cause.constraint === constraint;
}
