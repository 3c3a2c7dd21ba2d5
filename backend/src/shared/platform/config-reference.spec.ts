import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { configReference } from './config-reference.js';
import { ConfigSchema } from './config.js';

it('is docs/configuration.md as committed', async () => {
  const committed = await readFile(new URL('../../../../docs/configuration.md', import.meta.url), 'utf8');
  // When this fails, and the change is meant: npm run docs:config
  expect(committed).toBe(configReference());
});

it('tells what each variable means', () => {
  const page = configReference();
  for (const name of Object.keys(ConfigSchema.shape))
    expect(page).toMatch(new RegExp(`\\| \`${name}\` \\|.*\\| \\w.{7,} \\|`));
});
