import * as contracts from '@telemetryflow/contracts';
import { z } from 'zod';

export type JsonObject = { [key: string]: unknown };

/** The exported contracts by name, so that a schema used twice is described once. */
const names = z.registry<{ id: string }>();
for (const [id, schema] of Object.entries(contracts)) {
  if (schema instanceof z.ZodType && isNameable(schema)) names.add(schema, { id });
}

/** Objects, unions and enums; a named plain string would only be a detour for readers. */
function isNameable(schema: z.ZodType): boolean {
  return schema instanceof z.ZodObject || schema instanceof z.ZodDiscriminatedUnion || schema instanceof z.ZodEnum;
}

/** Turns zod schemas into JSON Schema 2020-12 (which OpenAPI 3.1 speaks) and collects what they share. */
export class JsonSchemas {
  readonly components: Record<string, JsonObject> = {};

  /** A schema to embed: a reference to a named component, or the schema itself. */
  of(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
    const {
      $schema: _,
      $defs,
      ...body
    } = toObject(z.toJSONSchema(schema, { io, metadata: names, unrepresentable: 'any', reused: 'inline' }));
    for (const [id, definition] of Object.entries(toObject($defs))) this.#keep(id, definition, io);
    const id = names.get(schema)?.id;
    if (id === undefined) return toObject(relink(body, io));
    // Unless it stands among its own definitions: then the body is no more than a reference to it.
    if (!(id in toObject($defs))) this.#keep(id, body, io);
    return { $ref: componentOf(id, io) };
  }

  #keep(id: string, definition: unknown, io: 'input' | 'output'): void {
    const { id: _, ...body } = toObject(relink(definition, io));
    this.components[nameOf(id, io)] = body;
  }
}

/** What is sent may differ from what is answered (defaults are optional to send). */
function nameOf(id: string, io: 'input' | 'output'): string {
  return io === 'output' || /(Request|Query)$/.test(id) ? id : `${id}Input`;
}

function componentOf(id: string, io: 'input' | 'output'): string {
  return `#/components/schemas/${nameOf(id, io)}`;
}

function relink(value: unknown, io: 'input' | 'output'): unknown {
  if (Array.isArray(value)) return value.map((item) => relink(item, io));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) =>
      key === '$ref' && typeof item === 'string'
        ? [key, componentOf(item.replace('#/$defs/', ''), io)]
        : [key, relink(item, io)],
    ),
  );
}

function toObject(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
