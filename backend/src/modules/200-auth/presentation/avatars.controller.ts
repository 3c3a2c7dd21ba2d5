import { Controller, Get, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Describe, NotFoundError, Public } from '../../../shared/platform/index.js';
import { Avatars } from '../application/avatars.js';

/** An id means the same bytes for ever. */
const CACHE = 'public, max-age=31536000, immutable';

@Controller('api/v2/avatars')
export class AvatarsController {
  constructor(private readonly avatars: Avatars) {}

  @Get(':id')
  @Public()
  @Describe({ summary: 'The bytes of a picture', tag: 'Account' })
  async read(@Param('id') id: string, @Res() reply: FastifyReply): Promise<void> {
    const avatar = await this.avatars.find(id);
    if (avatar === null) throw new NotFoundError('Picture');
    await reply
      .type(avatar.contentType)
      .header('cache-control', CACHE)
      .header('x-content-type-options', 'nosniff')
      // Opened as a page of its own it still may do nothing.
      .header('content-security-policy', "default-src 'none'; sandbox")
      .header('content-disposition', 'inline')
      .send(avatar.content);
  }
}
