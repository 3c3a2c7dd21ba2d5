export { ApiKeyAuthenticator, type ApiKeyPrincipal } from './application/api-key-authenticator.js';
export type { CredentialHeaders } from './application/key-headers.js';
export { KeyUsage } from './application/key-usage.js';
export { StoredKeys } from './application/stored-keys.js';
