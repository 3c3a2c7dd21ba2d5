/** Programs that some tests drive and that npm does not bring: where they are, and what can't run without them. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** First executable among the given paths and names on the PATH. */
function find(candidates) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const paths = candidates.flatMap((c) =>
    c.includes('/') ? [c] : [...folders, '/usr/sbin', '/usr/local/sbin'].map((f) => join(f, c)),
  );
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Each tool: environment variable that carries its path to the tests, the path found, what needs it. */
export function findTools() {
  const tool = (name, variable, needs, candidates) => ({
    name,
    variable,
    needs,
    path: process.env[variable] || find(candidates),
  });
  return [
    tool('Chromium', 'CHROMIUM_PATH', 'the browser tests', [
      '/usr/bin/chromium',
      'chromium',
      'chromium-browser',
      'google-chrome',
    ]),
    tool('redis-server', 'REDIS_SERVER_PATH', 'the tests of the Redis profile', ['redis-server']),
    tool('nats-server', 'NATS_SERVER_PATH', 'the tests of events over NATS', ['nats-server']),
  ];
}
