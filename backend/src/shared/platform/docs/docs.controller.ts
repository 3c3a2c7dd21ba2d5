import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Controller, Get, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import swaggerUiFolder from 'swagger-ui-dist/absolute-path.js';
import { Public } from '../access.js';
import { NotFoundError } from '../errors.js';
import { Describe } from '../openapi.js';
import { ApiDocument } from './api-document.js';
import { INITIALIZER, PAGE, STYLE } from './page.js';

const SWAGGER_UI = swaggerUiFolder();
const HOUR = 'public, max-age=3600';

/** Files of the page, by name: nothing else of the package is served. */
const ASSETS: Readonly<Record<string, { readonly type: string; read(): Promise<string | Buffer> }>> = {
  'swagger-ui-bundle.js': { type: 'text/javascript', read: () => readFile(join(SWAGGER_UI, 'swagger-ui-bundle.js')) },
  'swagger-ui.css': { type: 'text/css', read: () => readFile(join(SWAGGER_UI, 'swagger-ui.css')) },
  'initializer.js': { type: 'text/javascript', read: async () => INITIALIZER },
  'style.css': { type: 'text/css', read: async () => STYLE },
};

/** The API's documentation: for people, and for generators of clients. */
@Controller('api/docs')
export class DocsController {
  constructor(private readonly document: ApiDocument) {}

  @Get()
  @Public()
  @Describe({ summary: 'This documentation', tag: 'Platform' })
  page(@Res({ passthrough: true }) reply: FastifyReply): string {
    void reply.type('text/html; charset=utf-8');
    return PAGE;
  }

  @Get('openapi.json')
  @Public()
  @Describe({ summary: 'The OpenAPI 3.1 document', tag: 'Platform' })
  json(@Res({ passthrough: true }) reply: FastifyReply): string {
    void reply.type('application/json; charset=utf-8');
    return this.document.text;
  }

  @Get(':asset')
  @Public()
  @Describe({ summary: 'Files of this documentation', tag: 'Platform' })
  async asset(@Param('asset') name: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<string | Buffer> {
    const asset = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined;
    if (asset === undefined) throw new NotFoundError('The file');
    void reply.type(`${asset.type}; charset=utf-8`).header('cache-control', HOUR);
    return asset.read();
  }
}
