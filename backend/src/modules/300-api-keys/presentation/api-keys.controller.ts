import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import {
  ApiKey,
  ApiKeyPage,
  ApiKeyQuery,
  ApiKeyUsage,
  ApiKeyUsageQuery,
  ApiKeyValidation,
  CreateApiKeyRequest,
  CreatedApiKey,
  IdParams,
  RevokeApiKeyRequest,
  RotateApiKeyRequest,
  RotatedApiKey,
  UpdateApiKeyRequest,
} from '@telemetryflow/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  Context,
  Describe,
  Public,
  type RequestContext,
  RequirePermission,
  UnauthenticatedError,
} from '../../../shared/platform/index.js';
import { ChangeApiKey } from '../application/commands/change-api-key.js';
import { CreateApiKey } from '../application/commands/create-api-key.js';
import { RevokeApiKey } from '../application/commands/revoke-api-key.js';
import { RotateApiKey } from '../application/commands/rotate-api-key.js';
import { ReactivateApiKey, SuspendApiKey } from '../application/commands/suspend-api-key.js';
import { KeyList } from '../application/queries/key-list.js';
import { KeyUsageReport } from '../application/queries/key-usage-report.js';
import { RestKeys } from '../application/rest-keys.js';
import { createdView, rotatedView } from './key-views.js';

const TAG = 'API keys';
/** A call without a body means the defaults. */
const RotationBody = RotateApiKeyRequest.prefault({});
const RevocationBody = RevokeApiKeyRequest.prefault({});

@Controller('api/v2/api-keys')
export class ApiKeysController {
  constructor(
    private readonly createApiKey: CreateApiKey,
    private readonly changeApiKey: ChangeApiKey,
    private readonly rotateApiKey: RotateApiKey,
    private readonly suspendApiKey: SuspendApiKey,
    private readonly reactivateApiKey: ReactivateApiKey,
    private readonly revokeApiKey: RevokeApiKey,
    private readonly keys: KeyList,
    private readonly usageReport: KeyUsageReport,
    private readonly restKeys: RestKeys,
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
    return locatedSecret(reply, createdView(await this.createApiKey.execute(context, body)));
  }

  @Get()
  @RequirePermission('api-keys:read')
  @Describe({ summary: 'Keys of the tenant and its workspace', tag: TAG, query: ApiKeyQuery, response: ApiKeyPage })
  list(@Context() context: RequestContext, @Query({ schema: ApiKeyQuery }) query: ApiKeyQuery): Promise<ApiKeyPage> {
    return this.keys.page(context, query);
  }

  @Get('validate')
  @Public()
  @Describe({ summary: 'Whether the presented key is valid, and what it holds', tag: TAG, response: ApiKeyValidation })
  async validate(@Req() request: FastifyRequest): Promise<ApiKeyValidation> {
    const principal = await this.restKeys.authenticate(request.headers);
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

  @Patch(':id')
  @RequirePermission('api-keys:update')
  @Describe({
    summary: 'Change a key’s name, description, permissions, limit or expiry, from its next request on',
    tag: TAG,
    params: IdParams,
    body: UpdateApiKeyRequest,
    response: ApiKey,
  })
  change(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Body({ schema: UpdateApiKeyRequest }) body: UpdateApiKeyRequest,
  ): Promise<ApiKey> {
    return this.changeApiKey.execute(context, id, body);
  }

  @Post(':id/rotate')
  @RequirePermission('api-keys:update')
  @Describe({
    summary: 'Give an active key a successor; the old pair works on for the grace period',
    tag: TAG,
    params: IdParams,
    body: RotateApiKeyRequest,
    status: 201,
    response: RotatedApiKey,
  })
  async rotate(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Body({ schema: RotationBody }) body: RotateApiKeyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RotatedApiKey> {
    return locatedSecret(reply, rotatedView(await this.rotateApiKey.execute(context, id, body)));
  }

  @Post(':id/suspend')
  @HttpCode(200)
  @RequirePermission('api-keys:update')
  @Describe({ summary: 'Stop an active key until it is reactivated', tag: TAG, params: IdParams, response: ApiKey })
  suspend(@Context() context: RequestContext, @Param('id') id: string): Promise<ApiKey> {
    return this.suspendApiKey.execute(context, id);
  }

  @Post(':id/reactivate')
  @HttpCode(200)
  @RequirePermission('api-keys:update')
  @Describe({ summary: 'End the suspension of a key', tag: TAG, params: IdParams, response: ApiKey })
  reactivate(@Context() context: RequestContext, @Param('id') id: string): Promise<ApiKey> {
    return this.reactivateApiKey.execute(context, id);
  }

  @Post(':id/revoke')
  @HttpCode(204)
  @RequirePermission('api-keys:delete')
  @Describe({
    summary: 'Revoke a key at once and for good, with a reason',
    tag: TAG,
    params: IdParams,
    body: RevokeApiKeyRequest,
    status: 204,
  })
  revoke(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Body({ schema: RevocationBody }) body: RevokeApiKeyRequest,
  ): Promise<void> {
    return this.revokeApiKey.execute(context, id, body.reason);
  }

  @Delete(':id')
  @HttpCode(204)
  @RequirePermission('api-keys:delete')
  @Describe({ summary: 'Revoke a key at once and for good', tag: TAG, params: IdParams, status: 204 })
  remove(@Context() context: RequestContext, @Param('id') id: string): Promise<void> {
    return this.revokeApiKey.execute(context, id);
  }

  @Get(':id/usage')
  @RequirePermission('api-keys:read')
  @Describe({
    summary: 'What a key was used for, by time (UTC), endpoint and status',
    tag: TAG,
    params: IdParams,
    query: ApiKeyUsageQuery,
    response: ApiKeyUsage,
  })
  usage(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Query({ schema: ApiKeyUsageQuery }) query: ApiKeyUsageQuery,
  ): Promise<ApiKeyUsage> {
    return this.usageReport.of(context, id, query);
  }
}

/** Nobody keeps a copy of an answer with a secret. */
function locatedSecret<T extends CreatedApiKey>(reply: FastifyReply, created: T): T {
  void reply.header('location', `/api/v2/api-keys/${created.id}`).header('cache-control', 'no-store');
  return created;
}
