import { Injectable, type OnModuleInit } from '@nestjs/common';
import { recordAct } from '../../../shared/platform/database/index.js';
import { DefaultKeyIssuer, type DefaultKeyDraft, type KeyMaker, type PreparedKey } from '../../100-core/index.js';
import { ApiKey, type ApiKeyDraft } from '../domain/api-key.js';
import { underscored } from '../domain/key-credential.js';
import { ApiKeys } from './api-keys.js';
import { CredentialIssuer } from './credential-issuer.js';

/** Issues the first key of an organization that is being made: the secret is hashed before its transaction begins. */
@Injectable()
export class DefaultKeys implements KeyMaker, OnModuleInit {
  constructor(
    private readonly issuer: DefaultKeyIssuer,
    private readonly keys: ApiKeys,
    private readonly credentials: CredentialIssuer,
  ) {}

  onModuleInit(): void {
    this.issuer.register(this);
  }

  async prepare({ name, permissions }: DefaultKeyDraft): Promise<PreparedKey> {
    const somewhere = { organizationId: '', workspaceId: '', tenantId: '', createdBy: null };
    const draft: ApiKeyDraft = {
      ...somewhere,
      name,
      permissions,
      description: '',
      rateLimit: null,
      // Whoever makes an organization may give it any key.
      grantable: new Set(permissions),
    };
    ApiKey.assertLawful(draft, new Date());
    const { keySecret, ...credential } = await this.credentials.issue();
    return {
      store: async (manager, origin, { organizationId, workspaceId, tenantId }, createdBy) => {
        const place = { organizationId, workspaceId, tenantId };
        const key = ApiKey.create({ ...draft, ...place, createdBy }, credential, new Date());
        await this.keys.add(manager, key);
        const { id, keyId, scope, expiresAt } = key;
        await recordAct(
          manager,
          { ...origin, ...place },
          {
            action: 'api_key.created',
            resource: { type: 'api_key', id, name },
            after: { keyId, permissions: key.permissions, scope, expiresAt },
            details: { keyId },
          },
        );
        return { id, keyId, keySecret, otelKeyId: underscored(keyId), otelKeySecret: underscored(keySecret) };
      },
    };
  }
}
