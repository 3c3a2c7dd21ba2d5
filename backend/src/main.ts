import 'reflect-metadata';
import { exportOpenApi } from './bootstrap/export-openapi.js';
import { runServer } from './bootstrap/run-server.js';

const [command, target] = process.argv.slice(2);
await (command === 'openapi' ? exportOpenApi(target) : runServer());
