import type { Engine, FileHandover } from '@telemetryflow/embedded';
import type { Config } from './config.js';

/** Everything that was settled before the application was built: configuration, addresses, secrets. */
export interface Runtime {
  readonly config: Config;
  readonly version: string;
  /** Absolute. */
  readonly dataDir: string;
  readonly clickhouse: {
    readonly url: string;
    readonly username: string;
    readonly password: string;
    readonly database: string;
    /** Only of the embedded engine: how rows reach it as a file. */
    readonly handover?: FileHandover;
  };
  /** `ownerUrl` migrates and seeds; `appUrl` serves requests under row-level security. */
  readonly postgres: { readonly ownerUrl: string; readonly appUrl: string };
  /** The embedded engines that were started; empty when URLs were given. */
  readonly engines: readonly Engine[];
  readonly jwtSecret: string;
  /** Seals what the platform keeps and has to read again. */
  readonly encryptionKey: string;
}

/** Injection token of the {@link Runtime}. */
export const RUNTIME = Symbol('runtime');
/** Injection token of the root pino logger. */
export const LOGGER = Symbol('logger');
