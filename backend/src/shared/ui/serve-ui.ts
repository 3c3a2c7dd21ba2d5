import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import serveStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

const BUILT_UI = fileURLToPath(new URL('../../../../frontend/dist/', import.meta.url));
/** Addresses that belong to the server: below them nothing is ever answered with the UI's page. */
const SERVER_PATHS = /^\/(api|health|metrics|socket\.io|v1|v2)(\/|$)/;
/** Vite puts everything whose name carries a content hash here. */
const HASHED = /^\/assets\//;
const YEAR_SECONDS = 31_536_000;

/**
 * Serves the built UI: hashed assets for ever, the page itself never from a cache, and the page for every address that a
 * browser opens and that is not the server's own, so that the UI's router can show it.
 *
 * @param root default: the `frontend` workspace's build
 */
export async function installUi(fastify: FastifyInstance, root = BUILT_UI): Promise<void> {
  await fastify.register(serveStatic, {
    root,
    serve: false,
    preCompressed: true,
    cacheControl: false,
    dotfiles: 'ignore',
  });
  fastify.get('/*', async (request, reply) => {
    const path = pathOf(request);
    if (path === undefined || SERVER_PATHS.test(path)) return reply.callNotFound();
    if (path !== '/' && path !== '/index.html' && (await isFile(root, path))) {
      const lasting = HASHED.test(path) ? `public, max-age=${YEAR_SECONDS}, immutable` : 'public, max-age=3600';
      return reply.header('cache-control', lasting).sendFile(path.slice(1));
    }
    return wantsPage(request, path) ? sendPage(reply, root) : reply.callNotFound();
  });
}

function sendPage(reply: FastifyReply, root: string): FastifyReply {
  void reply.header('cache-control', 'no-cache');
  if (existsSync(join(root, 'index.html'))) return reply.sendFile('index.html');
  return reply
    .status(503)
    .type('text/html; charset=utf-8')
    .send('<!doctype html><title>TelemetryFlow</title><p>The UI is not built yet. Run <code>npm run build</code>.</p>');
}

/** A navigation of a browser, as against the request for a file that is not there. */
function wantsPage(request: FastifyRequest, path: string): boolean {
  const accepts = request.headers.accept ?? '';
  return path === '/' || (accepts.includes('text/html') && !HASHED.test(path));
}

function pathOf(request: FastifyRequest): string | undefined {
  try {
    return decodeURIComponent(request.url.split('?', 1)[0] ?? '/');
  } catch {
    // A malformed escape is no address of the UI.
    return undefined;
  }
}

async function isFile(root: string, path: string): Promise<boolean> {
  const file = resolve(root, `.${path}`);
  if (!file.startsWith(resolve(root) + sep) || path.includes('\0')) return false;
  return (await stat(file).catch(() => undefined))?.isFile() ?? false;
}
