import { createParamDecorator, type ExecutionContext, Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError, ValidationError } from '../../../shared/platform/index.js';
import { AVATAR_MAX_BYTES } from '../application/commands/change-avatar.js';

/** What the file's part of the form is called. */
export const AVATAR_FIELD = 'avatar';
/** Room for the form's own lines around the file. */
const FORM_BYTES = AVATAR_MAX_BYTES + 16 * 1024;

/**
 * The route takes `multipart/form-data` with one file. Other routes refuse forms, which any page of the web can send; this
 * one needs an access token, which no page can.
 */
export const UploadRoute = () => RouteConfig({ takesForms: true });

/** Reads forms; with web standards, which Node brings along. */
@Injectable()
export class FormParser implements OnModuleInit {
  constructor(private readonly host: HttpAdapterHost) {}

  onModuleInit(): void {
    const fastify: FastifyInstance = this.host.httpAdapter.getInstance();
    fastify.addContentTypeParser(
      'multipart/form-data',
      { parseAs: 'buffer', bodyLimit: FORM_BYTES },
      (request: FastifyRequest, body: Buffer) => formOf(request, body),
    );
  }
}

async function formOf(request: FastifyRequest, body: Buffer): Promise<FormData> {
  const type = request.headers['content-type'] ?? '';
  try {
    return await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new DomainError('MALFORMED_REQUEST', 'The form could not be read; send multipart/form-data with one file');
  }
}

/** The bytes of the form's file. */
export const UploadedPicture = createParamDecorator(
  async (_: unknown, execution: ExecutionContext): Promise<Buffer> => {
    const { body } = execution.switchToHttp().getRequest<FastifyRequest>();
    const file = body instanceof FormData ? body.get(AVATAR_FIELD) : null;
    if (file instanceof File) return Buffer.from(await file.arrayBuffer());
    throw new ValidationError([
      {
        path: AVATAR_FIELD,
        code: 'required',
        message: `is required: send multipart/form-data with a file of the name ${AVATAR_FIELD}`,
      },
    ]);
  },
);
