import { HttpException } from '@nestjs/common';
import type { ErrorCode, FieldError, Problem } from '@telemetryflow/contracts';
import { DomainError } from '../errors.js';

/** The HTTP status and title of every code: the one place where codes meet HTTP. */
export const PROBLEMS: Readonly<Record<ErrorCode, { readonly status: number; readonly title: string }>> = {
  VALIDATION_FAILED: { status: 400, title: 'Invalid request' },
  MALFORMED_REQUEST: { status: 400, title: 'Malformed request' },
  UNAUTHENTICATED: { status: 401, title: 'Authentication required' },
  AUTH_INVALID_CREDENTIALS: { status: 401, title: 'Invalid credentials' },
  AUTH_EMAIL_NOT_VERIFIED: { status: 401, title: 'E-mail address not verified' },
  AUTH_MFA_INVALID: { status: 401, title: 'Second factor refused' },
  AUTH_MFA_LOCKED: { status: 401, title: 'Second factor locked' },
  AUTH_PASSWORD_CHANGE_REQUIRED: { status: 403, title: 'New password required' },
  AUTH_MFA_ENROLMENT_REQUIRED: { status: 403, title: 'Second factor required' },
  AUTH_REAUTHENTICATION_REQUIRED: { status: 403, title: 'Sign in again' },
  TOKEN_INVALID: { status: 401, title: 'Invalid token' },
  TOKEN_EXPIRED: { status: 401, title: 'Expired token' },
  REFRESH_TOKEN_INVALID: { status: 401, title: 'Invalid refresh token' },
  REFRESH_TOKEN_RACED: { status: 401, title: 'Refresh token used at the same moment' },
  PERMISSION_DENIED: { status: 403, title: 'Permission denied' },
  NOT_FOUND: { status: 404, title: 'Not found' },
  METHOD_NOT_ALLOWED: { status: 405, title: 'Method not allowed' },
  CONFLICT: { status: 409, title: 'Conflict' },
  PAYLOAD_TOO_LARGE: { status: 413, title: 'Payload too large' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: 'Unsupported media type' },
  UNPROCESSABLE: { status: 422, title: 'Unprocessable request' },
  QUERY_SYNTAX: { status: 400, title: 'Invalid query' },
  QUERY_LIMIT_EXCEEDED: { status: 422, title: 'Query limit exceeded' },
  RATE_LIMIT_EXCEEDED: { status: 429, title: 'Too many requests' },
  UNAVAILABLE: { status: 503, title: 'Service unavailable' },
  INTERNAL: { status: 500, title: 'Internal error' },
};

/** Codes for errors that know only their HTTP status (the framework's own). */
const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'MALFORMED_REQUEST',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  409: 'CONFLICT',
  413: 'PAYLOAD_TOO_LARGE',
  414: 'MALFORMED_REQUEST',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  422: 'UNPROCESSABLE',
  429: 'RATE_LIMIT_EXCEEDED',
  503: 'UNAVAILABLE',
};

/** What the framework's errors are called to a client, whose own words name internals. */
const FRAMEWORK_DETAILS: Partial<Record<ErrorCode, string>> = {
  MALFORMED_REQUEST: 'The request could not be read; check that its body is valid JSON and its address is well formed',
  NOT_FOUND: 'There is nothing at this address',
  PAYLOAD_TOO_LARGE: 'The request body is larger than this route accepts',
  UNSUPPORTED_MEDIA_TYPE: 'Send the body as application/json',
};

export interface ProblemSource {
  readonly instance: string;
  readonly requestId: string;
}

export interface ProblemAnswer {
  readonly problem: Problem;
  readonly retryAfterSeconds?: number;
  /** The error is the server's fault and belongs into the log with its stack. */
  readonly unexpected: boolean;
}

/** Turns whatever was thrown into RFC 9457 problem details; unknown errors say nothing of their inside. */
export function problemOf(error: unknown, source: ProblemSource): ProblemAnswer {
  if (error instanceof DomainError) {
    const problem = build(error.code, error.message, source, error.errors);
    return {
      problem: error.code === 'INTERNAL' ? build('INTERNAL', INTERNAL_DETAIL, source) : problem,
      unexpected: problem.status === 500,
      ...(error.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: error.retryAfterSeconds }),
    };
  }
  const code = CODE_OF_STATUS[statusOf(error) ?? 500];
  if (code === undefined) return { problem: build('INTERNAL', INTERNAL_DETAIL, source), unexpected: true };
  return { problem: build(code, FRAMEWORK_DETAILS[code] ?? PROBLEMS[code].title, source), unexpected: false };
}

const INTERNAL_DETAIL = 'Something went wrong on our side; quote the request id when you report it';

/** Nest's HttpException, or an error of Fastify or its plugins, which carry `statusCode`. */
function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined;
  return typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

function build(code: ErrorCode, detail: string, source: ProblemSource, errors: readonly FieldError[] = []): Problem {
  return {
    type: `urn:telemetryflow:problem:${code.toLowerCase().replaceAll('_', '-')}`,
    title: PROBLEMS[code].title,
    status: PROBLEMS[code].status,
    detail,
    instance: source.instance,
    code,
    requestId: source.requestId,
    ...(errors.length > 0 ? { errors: [...errors] } : {}),
  };
}
