import { playsRole } from '../shared/platform/index.js';
import type { Platform } from './start-platform.js';

/** What the person at the terminal needs next, in one calm block. */
export function readyBlock(platform: Platform, startedInMs: number): string {
  const { runtime, url } = platform;
  const lines = [
    `TelemetryFlow ${runtime.version} is ready after ${(startedInMs / 1000).toFixed(1)} s`,
    '',
    `  Open     ${url}`,
    ...signIn(platform),
    ...sendTelemetry(platform),
  ];
  return `\n${lines.join('\n')}\n\n`;
}

function signIn({ runtime, seeded }: Platform): string[] {
  const { superAdministrator, seedLogins } = seeded;
  if (superAdministrator !== null) {
    const { email, password } = superAdministrator;
    return [
      `  Sign in  ${email}  ${password}`,
      '           This password is shown once and stored nowhere: change it after signing in.',
    ];
  }
  if (runtime.config.NODE_ENV !== 'development') return [];
  const width = Math.max(0, ...seedLogins.map(({ email }) => email.length));
  return seedLogins.map(
    ({ email, password }, index) => `  ${index === 0 ? 'Sign in' : '       '}  ${email.padEnd(width)}  ${password}`,
  );
}

function sendTelemetry({ runtime, developmentKey, otlpHttpUrl }: Platform): string[] {
  if (!playsRole(runtime.config, 'ingest')) return [];
  const title = ['', '  Send telemetry: paste this before your program starts', ''];
  const endpoint = [
    `    export OTEL_EXPORTER_OTLP_ENDPOINT=${otlpHttpUrl}`,
    '    export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf',
    '    export OTEL_EXPORTER_OTLP_COMPRESSION=gzip',
  ];
  if (developmentKey === null) {
    return [
      ...title,
      ...endpoint,
      '    export OTEL_EXPORTER_OTLP_HEADERS=x-api-key-id=…,x-api-key-secret=…   (create a key in the UI)',
    ];
  }
  const { keyId, keySecret } = developmentKey;
  return [
    ...title,
    ...endpoint,
    `    export OTEL_EXPORTER_OTLP_HEADERS=x-api-key-id=${keyId},x-api-key-secret=${keySecret}`,
  ];
}
