import { Injectable, type OnModuleInit } from '@nestjs/common';
import { KeyCallers, type KeyAuthenticator, type KeyCaller, type RequestHeaders } from '../../200-auth/index.js';
import { ApiKeyAuthenticator } from './api-key-authenticator.js';
import { presentsKey } from './key-headers.js';

/** Lets programs call the API with their keys: what the guard below this module asks for. */
@Injectable()
export class RestKeys implements KeyAuthenticator, OnModuleInit {
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

  authenticate(headers: RequestHeaders): Promise<KeyCaller | null> {
    return this.authenticator.authenticate(headers);
  }
}
