import { Injectable, type OnModuleInit } from '@nestjs/common';
import { KeyCallers, type KeyAuthenticator, type RequestHeaders } from '../../200-auth/index.js';
import { ApiKeyAuthenticator, type ApiKeyPrincipal } from './api-key-authenticator.js';
import { presentsKey } from './key-headers.js';

/** Lets programs call the API with their keys: what the guard below this module asks for. */
@Injectable()
export class RestKeys implements KeyAuthenticator, OnModuleInit {
  /** Whose key a request's headers held, for as long as the request lives. */
  readonly #callers = new WeakMap<RequestHeaders, string>();

  constructor(
    private readonly callers: KeyCallers,
    private readonly authenticator: ApiKeyAuthenticator,
  ) {}

  onModuleInit(): void {
    this.callers.register(this);
  }

  presentsKey(headers: RequestHeaders): boolean {
    return presentsKey(headers);
  }

  /** Throws as {@link ApiKeyAuthenticator.authenticate}. */
  async authenticate(headers: RequestHeaders): Promise<ApiKeyPrincipal | null> {
    const principal = await this.authenticator.authenticate(headers);
    if (principal) this.#callers.set(headers, principal.apiKeyId);
    return principal;
  }

  /** The key that let a request in, whatever became of it afterwards. `headers` are the request's own object. */
  keyOf(headers: RequestHeaders): string | undefined {
    return this.#callers.get(headers);
  }
}
