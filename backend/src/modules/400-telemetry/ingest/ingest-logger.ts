/** What ingest logs to; a pino logger fits as it is. */
export interface IngestLogger {
  info(o: object, msg: string): void;
  warn(o: object, msg: string): void;
  error(o: object, msg: string): void;
}
