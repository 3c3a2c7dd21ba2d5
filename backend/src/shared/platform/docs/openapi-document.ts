import { API_KEY_PERMISSIONS, Problem } from '@telemetryflow/contracts';
import type { z } from 'zod';
import type { Access } from '../access.js';
import type { Operation } from '../openapi.js';
import type { Route } from './controllers.js';
import { JsonSchemas, type JsonObject } from './json-schemas.js';
import { OTLP_PATHS } from './otlp-paths.js';

const PROBLEM_TEXTS: Readonly<Record<number, string>> = {
  400: 'The request is malformed or has invalid fields; all of them are listed',
  401: 'No valid credentials',
  403: 'The permission is missing',
  404: 'Unknown, or outside the caller’s scope',
  429: 'Too many requests; see Retry-After',
  500: 'An error on our side',
};

/** The OpenAPI 3.1 document of the given routes. */
export function openApiDocument(routes: readonly Route[], version: string): JsonObject {
  const schemas = new JsonSchemas();
  const problem = schemas.of(Problem, 'output');
  const paths: Record<string, JsonObject> = {};
  for (const route of routes) {
    const path = route.path.replace(/:([A-Za-z0-9_]+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operationOf(route, schemas) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'TelemetryFlow',
      version,
      description: 'Metrics, logs and traces over OTLP, in one place, for many tenants.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(['Ingest', ...routes.map(({ operation }) => operation?.tag ?? 'Other')])]
      .sort()
      .map((name) => ({ name })),
    paths: { ...paths, ...OTLP_PATHS },
    components: {
      schemas: sorted(schemas.components),
      responses: Object.fromEntries(
        Object.entries(PROBLEM_TEXTS).map(([status, description]) => [
          `Problem${status}`,
          { description, content: { 'application/problem+json': { schema: problem } } },
        ]),
      ),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The access token of a login' },
        apiKeyId: { type: 'apiKey', in: 'header', name: 'X-API-Key-ID' },
        apiKeySecret: { type: 'apiKey', in: 'header', name: 'X-API-Key-Secret' },
      },
    },
  };
}

function operationOf(route: Route, schemas: JsonSchemas): JsonObject {
  const { operation } = route;
  const parameters = [...pathParameters(route, schemas), ...queryParameters(operation?.query, schemas)];
  return {
    operationId: route.handler.replace(/Controller\./, '_'),
    summary: operation?.summary ?? route.handler,
    tags: [operation?.tag ?? 'Other'],
    security: securityOf(route.access),
    ...(route.access?.kind === 'permission' ? { 'x-permission': route.access.permission } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(operation?.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: schemas.of(operation.body, 'input') } },
          },
        }),
    ...(operation?.upload === undefined ? {} : { requestBody: uploadOf(operation.upload) }),
    responses: responsesOf(route, schemas, parameters.length > 0),
  };
}

function uploadOf({ field, types }: NonNullable<Operation['upload']>): JsonObject {
  const schema = { type: 'object', required: [field], properties: { [field]: { type: 'string', format: 'binary' } } };
  const encoding = { [field]: { contentType: types.join(', ') } };
  return { required: true, content: { 'multipart/form-data': { schema, encoding } } };
}

function responsesOf(route: Route, schemas: JsonSchemas, hasParameters: boolean): JsonObject {
  const { operation, access } = route;
  const success = {
    description: 'Success',
    ...(operation?.response === undefined
      ? {}
      : { content: { 'application/json': { schema: schemas.of(operation.response, 'output') } } }),
  };
  const statuses = [
    ...(hasParameters || operation?.body !== undefined ? [400] : []),
    ...(access?.kind === 'public' ? [] : [401]),
    ...(access?.kind === 'permission' ? [403] : []),
    ...(route.path.includes(':') ? [404] : []),
    ...(route.path.startsWith('/api/v2/') ? [429] : []),
    500,
  ];
  return {
    [String(operation?.status ?? 200)]: success,
    ...Object.fromEntries(
      statuses.map((status) => [String(status), { $ref: `#/components/responses/Problem${status}` }]),
    ),
  };
}

function securityOf(access: Access | undefined): JsonObject[] {
  if (access === undefined || access.kind === 'public') return [];
  const bearer = { bearer: [] };
  if (access.kind === 'authenticated') return [bearer];
  const keysMay: readonly string[] = API_KEY_PERMISSIONS;
  return keysMay.includes(access.permission) ? [bearer, { apiKeyId: [], apiKeySecret: [] }] : [bearer];
}

function pathParameters(route: Route, schemas: JsonSchemas): JsonObject[] {
  const described = propertiesOf(route.operation?.params, schemas);
  return [...route.path.matchAll(/:([A-Za-z0-9_]+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: described.properties[name] ?? (name === 'id' ? { type: 'string', format: 'uuid' } : { type: 'string' }),
  }));
}

function queryParameters(query: z.ZodType | undefined, schemas: JsonSchemas): JsonObject[] {
  const { properties, required } = propertiesOf(query, schemas);
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

/** A query's or path's schema is an object whose properties are the parameters. */
function propertiesOf(
  schema: z.ZodType | undefined,
  schemas: JsonSchemas,
): { properties: JsonObject; required: readonly unknown[] } {
  if (schema === undefined) return { properties: {}, required: [] };
  // Parameters are listed one by one, so the object itself is not a component.
  const body = new JsonSchemas();
  const reference = body.of(schema, 'input');
  const { $ref } = reference;
  const object = typeof $ref === 'string' ? (body.components[$ref.split('/').at(-1) ?? ''] ?? {}) : reference;
  for (const [name, component] of Object.entries(body.components)) {
    if (component !== object) schemas.components[name] = component;
  }
  const { properties, required } = object;
  return {
    properties: typeof properties === 'object' && properties !== null ? { ...properties } : {},
    required: Array.isArray(required) ? required : [],
  };
}

function sorted(components: Record<string, JsonObject>): JsonObject {
  return Object.fromEntries(Object.entries(components).sort(([a], [b]) => (a < b ? -1 : 1)));
}
