import { randomBytes } from 'node:crypto';

/** A key's two halves in their stored spelling: `tfk-<32 hex>` and `tfs-<64 hex>`. */
export interface KeyCredential {
  readonly keyId: string;
  readonly keySecret: string;
}

const KEY_ID = /^tfk[-_]([0-9a-f]{32})$/;
const KEY_SECRET = /^tfs[-_]([0-9a-f]{64})$/;

/** 128 random bits of identity, 256 of secret. */
export function generateCredential(): KeyCredential {
  return { keyId: `tfk-${randomBytes(16).toString('hex')}`, keySecret: `tfs-${randomBytes(32).toString('hex')}` };
}

/** `-` and `_` after the prefix are one character: SDKs demand the latter. Null when either half is malformed. */
export function parseCredential(keyId: string, keySecret: string): KeyCredential | null {
  const id = KEY_ID.exec(keyId)?.[1];
  const secret = KEY_SECRET.exec(keySecret)?.[1];
  return id === undefined || secret === undefined ? null : { keyId: `tfk-${id}`, keySecret: `tfs-${secret}` };
}

/** The spelling that OpenTelemetry clients of ours accept: `tfk_…`, `tfs_…`. */
export function underscored(half: string): string {
  return half.replace('-', '_');
}

/** What reminds a person of which secret it is: its last four characters. */
export function hintOf(keySecret: string): string {
  return keySecret.slice(-4);
}
