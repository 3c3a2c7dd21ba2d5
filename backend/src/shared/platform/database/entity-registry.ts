import type { EntitySchema } from 'typeorm';

const registered = new Set<EntitySchema>();

/** Adds mappings of a module; called while its module file is loaded, before the data source is built. */
export function registerEntities(schemas: readonly EntitySchema[]): void {
  for (const schema of schemas) registered.add(schema);
}

export function registeredEntities(): EntitySchema[] {
  return [...registered];
}
