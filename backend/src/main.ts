import 'reflect-metadata';
import { setFlagsFromString } from 'node:v8';
import { exportConfigReference, exportOpenApi } from './bootstrap/export-documents.js';
import { runServer } from './bootstrap/run-server.js';

// Ingest turns over buffers by the gigabyte. By default every 64 MiB of them mark the whole heap, which holds hardly any:
// a quarter of the platform's CPU under load. Counted into the heap's own limit they don't.
setFlagsFromString('--external-memory-accounted-in-global-limit');

const [command, target] = process.argv.slice(2);
const documents: Record<string, (target?: string) => Promise<void>> = {
  openapi: exportOpenApi,
  'config-reference': exportConfigReference,
};
const exportDocument = command === undefined ? undefined : documents[command];
await (exportDocument === undefined ? runServer() : exportDocument(target));
