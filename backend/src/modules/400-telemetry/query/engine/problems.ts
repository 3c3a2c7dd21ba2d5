import { TfqlSyntaxError, type FieldError } from '@telemetryflow/contracts';
import { DomainError, ValidationError } from '../../../../shared/platform/index.js';

/** The problem of a text that could not be read: its message names the position, what was expected, and what to do. */
export function syntaxProblem(path: string, { message }: TfqlSyntaxError): DomainError {
  return new DomainError('QUERY_SYNTAX', 'The query could not be read', [{ path, code: 'syntax', message }]);
}

/** Runs what reads a text, and turns a TfqlSyntaxError into the problem of the field `path`. */
export function readingText<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof TfqlSyntaxError) throw syntaxProblem(path, error);
    throw error;
  }
}

/** Fields that are refused below `prefix`: `groupBy` of the first part is `queries.0.groupBy`. */
export function refusedBelow(prefix: string, error: ValidationError): ValidationError {
  return new ValidationError(
    error.errors.map(({ path, ...rest }) => ({ ...rest, path: `${prefix}.${path}` })),
    error.message,
  );
}

export function refused(path: string, message: string, code = 'invalid_value'): ValidationError {
  const error: FieldError = { path, code, message };
  return new ValidationError([error]);
}
