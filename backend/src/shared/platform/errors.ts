import type { ErrorCode, FieldError } from '@telemetryflow/contracts';

/**
 * What domain and application code throws. It carries a code of the closed set and never an HTTP status: that is the
 * exception filter's business.
 */
export class DomainError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly errors: readonly FieldError[] = [],
    /** Seconds after which a retry makes sense; becomes `Retry-After`. */
    readonly retryAfterSeconds?: number,
  ) {
    super(message);
    this.name = new.target.name;
  }
}

export class NotFoundError extends DomainError {
  /** Unknown and foreign ids look the same. */
  constructor(what: string) {
    super('NOT_FOUND', `${what} was not found`);
  }
}

export class ValidationError extends DomainError {
  constructor(errors: readonly FieldError[], message = 'The request has invalid fields') {
    super('VALIDATION_FAILED', message, errors);
  }
}

export class ConflictError extends DomainError {
  constructor(message: string, errors: readonly FieldError[] = []) {
    super('CONFLICT', message, errors);
  }
}

export class PermissionDeniedError extends DomainError {
  constructor(permission: string) {
    super('PERMISSION_DENIED', `This needs the permission ${permission}`);
  }
}

export class UnauthenticatedError extends DomainError {
  constructor(message = 'Authentication is required', code: ErrorCode = 'UNAUTHENTICATED') {
    super(code, message);
  }
}

export class UnavailableError extends DomainError {
  constructor(message: string, retryAfterSeconds = 5) {
    super('UNAVAILABLE', message, [], retryAfterSeconds);
  }
}
