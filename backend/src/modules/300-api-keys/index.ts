export { ApiKeyAuthenticator, type ApiKeyPrincipal } from './application/api-key-authenticator.js';
export type { CredentialHeaders } from './application/key-headers.js';
export { StoredKeys } from './application/stored-keys.js';
