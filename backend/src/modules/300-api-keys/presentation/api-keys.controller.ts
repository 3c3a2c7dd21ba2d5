import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import {
  ApiKey,
  ApiKeyPage,
  ApiKeyValidation,
  CreateApiKeyRequest,
  CreatedApiKey,
  PageQuery,
  Uuid,
} from '@telemetryflow/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import {
  Context,
  Describe,
  Public,
  type RequestContext,
  RequirePermission,
  UnauthenticatedError,
} from '../../../shared/platform/index.js';
import { ApiKeyAuthenticator } from '../application/api-key-authenticator.js';
import { CreateApiKey, type CreatedKey } from '../application/commands/create-api-key.js';
import { RevokeApiKey } from '../application/commands/revoke-api-key.js';
import { KeyList } from '../application/queries/key-list.js';
import { underscored } from '../domain/key-credential.js';

const TAG = 'API keys';
const IdParams = z.object({ id: Uuid });

@Controller('api/v2/api-keys')
export class ApiKeysController {
  constructor(
    private readonly createApiKey: CreateApiKey,
    private readonly revokeApiKey: RevokeApiKey,
    private readonly keys: KeyList,
    private readonly authenticator: ApiKeyAuthenticator,
  ) {}

  @Post()
  @RequirePermission('api-keys:create')
  @Describe({
    summary: 'Create a key; the only answer that carries its secret',
    tag: TAG,
    body: CreateApiKeyRequest,
    status: 201,
    response: CreatedApiKey,
  })
  async create(
    @Context() context: RequestContext,
    @Body({ schema: CreateApiKeyRequest }) body: CreateApiKeyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CreatedApiKey> {
    const created = await this.createApiKey.execute(context, body);
    void reply.header('location', `/api/v2/api-keys/${created.key.id}`).header('cache-control', 'no-store');
    return createdView(created);
  }

  @Get()
  @RequirePermission('api-keys:read')
  @Describe({ summary: 'Keys of the tenant and its workspace', tag: TAG, query: PageQuery, response: ApiKeyPage })
  list(@Context() context: RequestContext, @Query({ schema: PageQuery }) query: PageQuery): Promise<ApiKeyPage> {
    return this.keys.page(context, query);
  }

  @Get('validate')
  @Public()
  @Describe({ summary: 'Whether the presented key is valid, and what it holds', tag: TAG, response: ApiKeyValidation })
  async validate(@Req() request: FastifyRequest): Promise<ApiKeyValidation> {
    const principal = await this.authenticator.authenticate(request.headers);
    if (!principal) throw new UnauthenticatedError('The API key is not valid');
    return {
      valid: true,
      keyId: principal.keyId,
      organizationId: principal.organizationId,
      workspaceId: principal.workspaceId,
      tenantId: principal.scope === 'tenant' ? principal.tenantId : null,
      permissions: [...principal.permissions],
      expiresAt: principal.expiresAt?.toISOString() ?? null,
    };
  }

  @Get(':id')
  @RequirePermission('api-keys:read')
  @Describe({ summary: 'One key', tag: TAG, params: IdParams, response: ApiKey })
  one(@Context() context: RequestContext, @Param('id') id: string): Promise<ApiKey> {
    return this.keys.one(context, id);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('api-keys:delete')
  @Describe({ summary: 'Revoke a key at once', tag: TAG, params: IdParams, status: 204 })
  revoke(@Context() context: RequestContext, @Param('id') id: string): Promise<void> {
    return this.revokeApiKey.execute(context, id, 'revoked by request');
  }
}

function createdView({ key, keySecret }: CreatedKey): CreatedApiKey {
  const { id, keyId, name, description, permissions, scope, status, keyHint, rateLimit, createdBy } = key;
  return {
    id,
    keyId,
    name,
    description,
    permissions: [...permissions],
    scope,
    status,
    keyHint,
    rateLimit,
    expiresAt: key.expiresAt?.toISOString() ?? null,
    lastUsedAt: null,
    lastUsedIp: null,
    usageCount: 0,
    isSystem: key.isSystem,
    gracePeriodExpiresAt: null,
    revokedAt: null,
    revokedReason: null,
    createdAt: key.createdAt.toISOString(),
    createdBy,
    keySecret,
    otelKeyId: underscored(keyId),
    otelKeySecret: underscored(keySecret),
  };
}
