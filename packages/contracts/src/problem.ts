import { z } from 'zod';

/**
 * The closed set of error codes. The HTTP status of each lives in the server's one exception filter; clients branch on
 * the code, people read the detail.
 */
export const ErrorCode = z.enum([
  'VALIDATION_FAILED',
  'MALFORMED_REQUEST',
  'UNAUTHENTICATED',
  'AUTH_INVALID_CREDENTIALS',
  'AUTH_EMAIL_NOT_VERIFIED',
  'AUTH_MFA_INVALID',
  'AUTH_MFA_LOCKED',
  'AUTH_PASSWORD_CHANGE_REQUIRED',
  'AUTH_MFA_ENROLMENT_REQUIRED',
  'AUTH_REAUTHENTICATION_REQUIRED',
  'TOKEN_INVALID',
  'TOKEN_EXPIRED',
  'REFRESH_TOKEN_INVALID',
  'REFRESH_TOKEN_RACED',
  'PERMISSION_DENIED',
  'NOT_FOUND',
  'METHOD_NOT_ALLOWED',
  'CONFLICT',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'UNPROCESSABLE',
  'QUERY_SYNTAX',
  'QUERY_LIMIT_EXCEEDED',
  'RATE_LIMIT_EXCEEDED',
  'UNAVAILABLE',
  'INTERNAL',
]);
export type ErrorCode = z.infer<typeof ErrorCode>;

/** One refused field: `path` in dotted form, a machine code, and a sentence that says what to do. */
export const FieldError = z.object({ path: z.string(), code: z.string(), message: z.string() });
export type FieldError = z.infer<typeof FieldError>;

/** RFC 9457 problem details, with the platform's extensions. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  instance: z.string(),
  code: ErrorCode,
  requestId: z.string(),
  errors: z.array(FieldError).optional(),
});
export type Problem = z.infer<typeof Problem>;
