import 'reflect-metadata';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { AppModule } from '../app.module.js';
import { routesOf } from '../shared/platform/docs/controllers.js';
import { describeApi } from './api-document.js';

const document = describeApi(AppModule);

describe('the API', () => {
  it('says of every route who may call it and what it does', () => {
    const silent = routesOf(AppModule).filter(
      ({ access, operation }) => access === undefined || operation === undefined,
    );
    expect(silent.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  });

  it('is described by docs/openapi.json as committed', async () => {
    const committed: unknown = JSON.parse(
      await readFile(new URL('../../../docs/openapi.json', import.meta.url), 'utf8'),
    );
    // When this fails, and the change is meant: npm run openapi -w backend
    expect(document).toEqual(committed);
  });

  it('refers only to components that are there', () => {
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"\$ref":"#\/components\/(\w+)\/([^"]+)"/g)];
    expect(references.length).toBeGreaterThan(50);
    const components = document['components'] as Record<string, Record<string, unknown>>;
    for (const [, kind = '', name = ''] of references) expect(components[kind], name).toHaveProperty([name]);
    expect(text).not.toContain('$defs');
    const schemas = Object.entries(components['schemas'] ?? {});
    expect(schemas.filter(([name, schema]) => JSON.stringify(schema).endsWith(`/${name}"}`))).toEqual([]);
    expect(components['schemas']).toHaveProperty('CreateApiKeyRequest.properties.rateLimit');
  });
});
