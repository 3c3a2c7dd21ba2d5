import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installUi } from './serve-ui.js';

const BROWSER = { accept: 'text/html,application/xhtml+xml' };
let root: string;
let fastify: FastifyInstance;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'telemetryflow ui '));
  await mkdir(join(root, 'assets'));
  await writeFile(join(root, 'index.html'), '<!doctype html><title>UI</title>');
  await writeFile(join(root, 'favicon.svg'), '<svg/>');
  await writeFile(join(root, 'assets', 'app-1a2b.js'), 'let a;');
  await writeFile(join(root, 'assets', 'app-1a2b.js.gz'), gzipSync('let a;'));
  await writeFile(join(root, '.secret'), 'no');
  fastify = Fastify();
  fastify.get('/api/v2/config', () => ({ ok: true }));
  await installUi(fastify, root);
});
afterAll(async () => {
  await fastify.close();
  await rm(root, { recursive: true, force: true });
});

const get = (url: string, headers: Record<string, string> = {}) => fastify.inject({ url, headers });

describe('the UI', () => {
  it.each(['/', '/traces', '/traces/0af7651916cd43dd8448eb211c80319c?from=now-1h', '/index.html'])(
    'answers %s with its page, never from a cache',
    async (url) => {
      const response = await get(url, BROWSER);
      expect(response.statusCode).toBe(200);
      expect(response.body).toContain('<title>UI</title>');
      expect(response.headers['cache-control']).toBe('no-cache');
    },
  );

  it('serves hashed assets for ever, compressed beforehand', async () => {
    const response = await get('/assets/app-1a2b.js', { 'accept-encoding': 'gzip' });
    expect(response.headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-encoding': 'gzip',
    });
    expect((await get('/assets/app-1a2b.js')).body).toBe('let a;');
    expect((await get('/favicon.svg')).headers['cache-control']).toBe('public, max-age=3600');
  });

  it.each([
    ['/assets/gone.js', BROWSER],
    ['/api/v2/nothing', BROWSER],
    ['/health/nothing', BROWSER],
    ['/traces', { accept: 'application/json' }],
    ['/.secret', {}],
    ['/%2e%2e/%2e%2e/etc/passwd', {}],
  ])('does not answer %s', async (url, headers) => {
    expect((await get(url, headers)).statusCode).toBe(404);
  });

  it('leaves the server’s routes alone', async () => {
    expect((await get('/api/v2/config', BROWSER)).json()).toEqual({ ok: true });
  });
});
