import { Injectable, StandardSchemaValidationPipe, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import type { FieldError } from '@telemetryflow/contracts';
import { ValidationError } from '../errors.js';

/** A Standard Schema issue; zod's carry a machine code too. */
interface Issue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
  readonly code?: unknown;
}

/** Validates by the schema given with `@Body({ schema })`, `@Query({ schema })` and reports all faulty fields together. */
export function schemaValidationPipe(): StandardSchemaValidationPipe {
  return new StandardSchemaValidationPipe({
    exceptionFactory: (issues: readonly Issue[]) => new ValidationError(issues.map(fieldErrorOf)),
  });
}

function fieldErrorOf(issue: Issue): FieldError {
  const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
  return { path, code: typeof issue.code === 'string' ? issue.code : 'invalid', message: issue.message };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const ID_PARAMETER = /^(id|.*Id)$/;
/** Identifiers of other systems, and of telemetry, that are no UUIDs. */
const FOREIGN_IDS: ReadonlySet<string> = new Set(['traceId', 'spanId', 'recordId', 'keyId', 'jobId']);

/** Refuses a malformed id in the path with 400, before it reaches a query; an unknown one is the handler's 404. */
@Injectable()
export class IdParameterPipe implements PipeTransform {
  transform(value: unknown, metadata: ArgumentMetadata): unknown {
    if (metadata.type !== 'param' || metadata.schema !== undefined || metadata.data === undefined) return value;
    if (!ID_PARAMETER.test(metadata.data) || FOREIGN_IDS.has(metadata.data)) return value;
    if (typeof value === 'string' && UUID.test(value)) return value;
    throw new ValidationError([{ path: metadata.data, code: 'invalid_format', message: 'must be a UUID' }]);
  }
}
