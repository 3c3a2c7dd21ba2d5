import { newIngestServer, type ServerChanges } from './test-server.js';

/** What the parent sends first. */
export interface ChildOptions {
  readonly dataDir: string;
  readonly clickhouse: Parameters<typeof newIngestServer>[1];
  readonly tenantId: string;
  readonly settings: ServerChanges['settings'];
}

/** An ingest server as a process of its own, made to be killed. Tells its parent its HTTP port, then what waits. */
process.once('message', (options: ChildOptions) => {
  const { settings } = options;
  const server = newIngestServer(options.dataDir, options.clickhouse, options.tenantId, settings ? { settings } : {});
  void server.start().then(() => {
    process.send?.({ port: server.ports.http });
    setInterval(() => process.send?.({ waiting: server.snapshot().segmentsWaiting }), 50);
  });
});
process.once('disconnect', () => process.exit(0));
