import { SetMetadata } from '@nestjs/common';
import type { z } from 'zod';

/** What the OpenAPI document says of a route; the same schemas validate the request. */
export interface Operation {
  readonly summary: string;
  readonly tag: string;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  readonly params?: z.ZodType;
  /** One file in `multipart/form-data`: what its part is called, and which media types it may have. */
  readonly upload?: { readonly field: string; readonly types: readonly string[] };
  /** The success answer: its status (default 200) and schema; no schema means no body. */
  readonly status?: number;
  readonly response?: z.ZodType;
}

export const OPERATION = Symbol('operation');
export const Describe = (operation: Operation) => SetMetadata(OPERATION, operation);
