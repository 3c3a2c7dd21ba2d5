export { Authenticator, ForeignPlaceError } from './application/authenticator.js';
export { DeniedRequests } from './application/denied-requests.js';
export { KeyCallers, type KeyAuthenticator, type KeyCaller, type RequestHeaders } from './application/key-callers.js';
export type { RequestOrigin } from './application/request-origin.js';
