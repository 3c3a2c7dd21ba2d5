import { SeedLogins } from '../shared/platform/index.js';
import type { Platform } from './start-platform.js';

/** What the person at the terminal needs next, in one calm block. */
export async function readyBlock(platform: Platform, startedInMs: number): Promise<string> {
  const { app, runtime, url } = platform;
  const lines = [
    `TelemetryFlow ${runtime.version} is ready after ${(startedInMs / 1000).toFixed(1)} s`,
    '',
    `  Open      ${url}`,
  ];
  if (runtime.config.NODE_ENV === 'development') {
    const logins = app.get(SeedLogins).list.map(({ email, password }) => `${email}  ${password}`);
    logins.forEach((login, index) => lines.push(`${index === 0 ? '  Sign in   ' : '            '}${login}`));
  }
  return `\n${lines.join('\n')}\n\n`;
}
