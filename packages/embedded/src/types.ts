/** The logger the engines write to; a pino logger fits as it is. */
export interface EngineLogger {
  debug(o: object, msg: string): void;
  info(o: object, msg: string): void;
  warn(o: object, msg: string): void;
  error(o: object, msg: string): void;
}

/**
 * `failed` means: ten launches in a row came to nothing. Launching goes on (at the longest back-off),
 * so an engine may still come back from `failed`.
 */
export type EngineState = 'starting' | 'ready' | 'restarting' | 'stopped' | 'failed';

/** A supervised engine process. */
export interface Engine {
  readonly name: 'clickhouse' | 'postgres';
  readonly state: EngineState;
  /** How often the process was launched again after it died. */
  readonly restarts: number;
  /** Process id of the engine, `undefined` while it is down. */
  readonly pid: number | undefined;
  /** Stops the process in order (fast shutdown, then kill); idempotent. */
  stop(): Promise<void>;
  /** Calls `listener` on every change of state; returns the function that ends it. */
  onStateChange(listener: (state: EngineState) => void): () => void;
  /** Resolves when the engine answers; rejects after `timeoutMs` (default 60,000) or once it is stopped. */
  whenReady(timeoutMs?: number): Promise<void>;
}

/**
 * How an insert may hand over its rows as a file instead of as the request's body, so that they are copied once instead of
 * three times: the sender writes `handed-<uuid>` into `dir`, names it in `header`, and removes it after the answer. The
 * engine empties the folder when it starts; an insert whose file is gone then fails with NETWORK_ERROR (210).
 */
export interface FileHandover {
  readonly dir: string;
  readonly header: string;
}

/** chDB behind ClickHouse's HTTP interface. */
export interface EmbeddedClickHouse extends Engine {
  readonly name: 'clickhouse';
  /** `http://127.0.0.1:port`, the same across restarts. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** `undefined` where the folder's path forbids it. */
  readonly handover: FileHandover | undefined;
}

/** A PostgreSQL server on loopback. */
export interface EmbeddedPostgres extends Engine {
  readonly name: 'postgres';
  /** `postgres://` URL of the role that owns the database `telemetryflow`; not a superuser. For migrations. */
  readonly ownerUrl: string;
  /** `postgres://` URL of the application role: neither owner nor superuser, NOBYPASSRLS. */
  readonly appUrl: string;
}
