/** What the parent tells the engine process over IPC when it starts. Secrets never travel in argv or env. */
export interface StartMessage {
  readonly type: 'start';
  /** Folder that is the engine's own; it holds `store`, `spool` and `config.xml`. */
  readonly dir: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly memoryLimitBytes: number;
  readonly concurrency: Concurrency;
}

/** How many statements run at a time; the rest waits in line. */
export interface Concurrency {
  readonly reads: number;
  readonly writes: number;
}

export type ChildMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'log'; readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly msg: string };

export type ParentMessage = StartMessage | { readonly type: 'stop' };
