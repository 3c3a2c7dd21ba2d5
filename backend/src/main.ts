import 'reflect-metadata';
import { runServer } from './bootstrap/run-server.js';

await runServer();
