import { Injectable } from '@nestjs/common';
import { SecretHasher } from '../../../shared/platform/secret-hasher.js';
import type { IssuedCredential } from '../domain/api-key.js';
import { generateCredential, hintOf } from '../domain/key-credential.js';

/** Makes credentials: the secret for its holder, the hash for the database. */
@Injectable()
export class CredentialIssuer {
  constructor(private readonly hasher: SecretHasher) {}

  async issue(): Promise<IssuedCredential & { readonly keySecret: string }> {
    const { keyId, keySecret } = generateCredential();
    return { keyId, keySecret, keyHint: hintOf(keySecret), secretHash: await this.hasher.hash(keySecret) };
  }
}
