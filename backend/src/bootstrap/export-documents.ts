import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { AppModule } from '../app.module.js';
import { configReference } from '../shared/platform/config-reference.js';
import { describeApi } from './api-document.js';

const inDocs = (name: string) => fileURLToPath(new URL(`../../../docs/${name}`, import.meta.url));

async function write(target: string, text: string): Promise<void> {
  await writeFile(target, text);
  process.stdout.write(`${target}\n`);
}

/** Writes the OpenAPI document; starts nothing. */
export async function exportOpenApi(target = inDocs('openapi.json')): Promise<void> {
  await write(target, `${JSON.stringify(describeApi(AppModule), null, 2)}\n`);
}

/** Writes the table of environment variables; starts nothing. */
export async function exportConfigReference(target = inDocs('configuration.md')): Promise<void> {
  await write(target, configReference());
}
