import 'reflect-metadata';
import { exportConfigReference, exportOpenApi } from './bootstrap/export-documents.js';
import { runServer } from './bootstrap/run-server.js';

const [command, target] = process.argv.slice(2);
const documents: Record<string, (target?: string) => Promise<void>> = {
  openapi: exportOpenApi,
  'config-reference': exportConfigReference,
};
const exportDocument = command === undefined ? undefined : documents[command];
await (exportDocument === undefined ? runServer() : exportDocument(target));
