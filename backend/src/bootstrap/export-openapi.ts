import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { AppModule } from '../app.module.js';
import { describeApi } from './api-document.js';

const COMMITTED = fileURLToPath(new URL('../../../docs/openapi.json', import.meta.url));

/** Writes the OpenAPI document; starts nothing. */
export async function exportOpenApi(target = COMMITTED): Promise<void> {
  await writeFile(target, `${JSON.stringify(describeApi(AppModule), null, 2)}\n`);
  process.stdout.write(`${target}\n`);
}
