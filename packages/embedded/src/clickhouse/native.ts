import { createRequire } from 'node:module';

/**
 * The functions of chDB's addon that the engine process calls. They are used below chDB's `Session`
 * for two reasons: `Session.close()` waits until every statement of the process has ended (one long
 * query would pile up connections behind it), and only the raw insert tells the rows written.
 */
export interface ChdbAddon {
  CreateConnection(path: string, args?: readonly string[]): Connection;
  CloseConnection(connection: Connection): void;
  /** Synchronous; used for SET and USE only. */
  QueryWithConnection(connection: Connection, sql: string, format: string): string;
  QueryAsyncConnection(connection: Connection, sql: string, format: string): Promise<QueryOutcome>;
  InsertRawAsyncConnection(
    connection: Connection,
    sql: string,
    data: Buffer,
    countLines: boolean,
  ): Promise<InsertOutcome>;
}

/** An opaque handle. It must not be closed while a statement runs on it. */
export type Connection = object;

export interface QueryOutcome {
  readonly bytes: Buffer;
  /** Rows of the result. */
  readonly rowsRead: number;
  readonly bytesRead: number;
}

export interface InsertOutcome {
  /** Rows written, those of dependent views included. */
  readonly rowsWritten: number;
  readonly bytesWritten: number;
}

/** Loads the addon of this platform. Throws when there is none. */
export function loadChdb(): ChdbAddon {
  const require = createRequire(import.meta.url);
  const fromChdb = createRequire(require.resolve('chdb'));
  const loader = fromChdb('./dist/loader.js') as { loadNative(): ChdbAddon };
  return loader.loadNative();
}
