import { routesOf } from '../shared/platform/docs/controllers.js';
import type { JsonObject } from '../shared/platform/docs/json-schemas.js';
import { openApiDocument } from '../shared/platform/docs/openapi-document.js';
import { version } from './version.js';

/** The OpenAPI document of everything a root module reaches. */
export function describeApi(rootModule: unknown): JsonObject {
  return openApiDocument(routesOf(rootModule), version);
}
