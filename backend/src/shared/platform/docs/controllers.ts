import 'reflect-metadata';
import { RequestMethod, type DynamicModule, type Type } from '@nestjs/common';
import { METHOD_METADATA, MODULE_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { ACCESS, type Access } from '../access.js';
import { OPERATION, type Operation } from '../openapi.js';

/** One route as its decorators describe it. */
export interface Route {
  readonly method: string;
  /** In Nest's form: `/api/v2/api-keys/:id`. */
  readonly path: string;
  /** `ApiKeysController.revoke`. */
  readonly handler: string;
  readonly access: Access | undefined;
  readonly operation: Operation | undefined;
}

/** Every route of a module and all it imports, by decorators alone: nothing is instantiated. */
export function routesOf(root: unknown): Route[] {
  const controllers = new Set<Type>();
  collect(root, controllers, new Set());
  return [...controllers].flatMap(routesOfController).sort(byPath);
}

function collect(module: unknown, controllers: Set<Type>, seen: Set<unknown>): void {
  if (seen.has(module)) return;
  seen.add(module);
  const type = isDynamic(module) ? module.module : module;
  if (typeof type !== 'function') return;
  const own = isDynamic(module) ? module : undefined;
  for (const controller of [...metadataOf(MODULE_METADATA.CONTROLLERS, type), ...(own?.controllers ?? [])]) {
    if (isType(controller)) controllers.add(controller);
  }
  for (const imported of [...metadataOf(MODULE_METADATA.IMPORTS, type), ...(own?.imports ?? [])]) {
    collect(imported, controllers, seen);
  }
}

function isDynamic(module: unknown): module is DynamicModule {
  return typeof module === 'object' && module !== null && 'module' in module;
}

function isType(value: unknown): value is Type {
  return typeof value === 'function';
}

function metadataOf(key: string, target: object): unknown[] {
  const value: unknown = Reflect.getMetadata(key, target);
  return Array.isArray(value) ? value : [];
}

function routesOfController(controller: Type): Route[] {
  const prefixes = pathsOf(controller);
  const prototype: object = controller.prototype;
  return Object.getOwnPropertyNames(prototype).flatMap((name) => {
    const handler: unknown = Object.getOwnPropertyDescriptor(prototype, name)?.value;
    if (typeof handler !== 'function') return [];
    const verb: unknown = Reflect.getMetadata(METHOD_METADATA, handler);
    if (typeof verb !== 'number') return [];
    const access: Access | undefined = Reflect.getMetadata(ACCESS, handler) ?? Reflect.getMetadata(ACCESS, controller);
    const operation: Operation | undefined = Reflect.getMetadata(OPERATION, handler);
    return prefixes.flatMap((prefix) =>
      pathsOf(handler).map((path) => ({
        method: String(RequestMethod[verb]).toLowerCase(),
        path: join(prefix, path),
        handler: `${controller.name}.${name}`,
        access,
        operation,
      })),
    );
  });
}

function pathsOf(target: object): string[] {
  const path: unknown = Reflect.getMetadata(PATH_METADATA, target);
  if (Array.isArray(path)) return path.map(String);
  return [typeof path === 'string' ? path : ''];
}

function join(prefix: string, path: string): string {
  const parts = `${prefix}/${path}`.split('/').filter((part) => part !== '');
  return `/${parts.join('/')}`;
}

function byPath(a: Route, b: Route): number {
  return `${a.path} ${a.method}` < `${b.path} ${b.method}` ? -1 : 1;
}
