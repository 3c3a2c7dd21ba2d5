import type { JsonObject } from './json-schemas.js';

/** Holds the OpenAPI document; it is built once all modules are known. */
export class ApiDocument {
  #text = '{}';

  get text(): string {
    return this.#text;
  }

  publish(document: JsonObject): void {
    this.#text = JSON.stringify(document);
  }
}
