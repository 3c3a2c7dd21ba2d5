import { Injectable } from '@nestjs/common';

export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A program that called with an API key. */
export interface KeyCaller {
  readonly apiKeyId: string;
  readonly keyId: string;
  readonly organizationId: string;
  readonly workspaceId: string;
  readonly tenantId: string;
  readonly scope: 'tenant' | 'workspace';
  readonly permissions: ReadonlySet<string>;
}

/** What the module of API keys knows how to do. */
export interface KeyAuthenticator {
  /** Whether the headers mean to present a key, well-formed or not. */
  presentsKey(headers: RequestHeaders): boolean;
  authenticate(headers: RequestHeaders): Promise<KeyCaller | null>;
}

/** Where that module, which lies above this one, registers itself. Without it no key is let in. */
@Injectable()
export class KeyCallers {
  #authenticator: KeyAuthenticator | undefined;

  register(authenticator: KeyAuthenticator): void {
    this.#authenticator = authenticator;
  }

  presentsKey(headers: RequestHeaders): boolean {
    return this.#authenticator?.presentsKey(headers) ?? false;
  }

  async authenticate(headers: RequestHeaders): Promise<KeyCaller | null> {
    return (await this.#authenticator?.authenticate(headers)) ?? null;
  }
}
