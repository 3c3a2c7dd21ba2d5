import { ConfigSchema, SECRET_VARIABLES, type Config } from './config.js';

/** `EX_CONFIG` of sysexits.h: the operator has to change something before another start makes sense. */
const EXIT_CONFIG = 78;
const SECRET_MIN_LENGTH = 32;
const ROLES = ['api', 'ingest', 'worker'];

type Environment = Readonly<Record<string, string | undefined>>;

/** The start is refused; each fault is a sentence that names the variable and the remedy. */
export class ConfigError extends Error {
  readonly exitCode = EXIT_CONFIG;
  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'));
    this.name = 'ConfigError';
  }
}

/**
 * Reads the configuration from environment variables; an empty variable counts as unset. Reports all faults together.
 *
 * @throws ConfigError
 */
export function loadConfig(environment: Environment = process.env): Config {
  const given = withAliases(environment);
  const parsed = ConfigSchema.safeParse(given);
  const faults = parsed.success
    ? crossFaults(parsed.data)
    : parsed.error.issues.map((issue) => faultSentence(String(issue.path[0]), given, issue.message));
  if (!parsed.success) {
    // Checks across variables still say what they can see of a partly valid environment.
    faults.push(
      ...crossFaultsOfValid(
        given,
        parsed.error.issues.map((issue) => String(issue.path[0])),
      ),
    );
    throw new ConfigError(faults);
  }
  if (faults.length > 0) throw new ConfigError(faults);
  return parsed.data;
}

/** The address to listen on: loopback unless in production or told otherwise. */
export function listenHost(config: Config): string {
  if (config.HOST !== '') return config.HOST;
  return config.NODE_ENV === 'production' ? '0.0.0.0' : '127.0.0.1';
}

function withAliases(environment: Environment): Record<string, string> {
  const given: Record<string, string> = {};
  for (const name of Object.keys(ConfigSchema.shape)) {
    const value = environment[name]?.trim();
    if (value) given[name] = value;
  }
  const username = environment['CLICKHOUSE_USERNAME']?.trim();
  if (username) given['CLICKHOUSE_USER'] ??= username;
  return given;
}

function faultSentence(name: string, given: Record<string, string>, message: string): string {
  const shown = SECRET_VARIABLES.has(name) ? '' : ` is "${given[name] ?? ''}"`;
  const meaning = Object.entries(ConfigSchema.shape).find(([key]) => key === name)?.[1].description ?? '';
  const reason = message.replace(/^Invalid (input|option): /, '').replace('received NaN', 'which it is not');
  return `${name}${shown}: ${reason}. Correct it or unset it to use the default. (${meaning})`;
}

function crossFaultsOfValid(given: Record<string, string>, broken: readonly string[]): string[] {
  const rest = Object.fromEntries(Object.entries(given).filter(([name]) => !broken.includes(name)));
  const parsed = ConfigSchema.safeParse(rest);
  return parsed.success ? crossFaults(parsed.data) : [];
}

function crossFaults(config: Config): string[] {
  return [
    ...roleFaults(config),
    ...sharedStoreFaults(config),
    ...transportFaults(config),
    ...urlFaults(config),
    ...secretFaults(config),
    ...anonymousFaults(config),
    ...databaseFaults(config),
    ...portFaults(config),
  ];
}

function roleFaults(config: Config): string[] {
  const given = config.ROLES.split(',').map((role) => role.trim());
  const unknown = given.filter((role) => !ROLES.includes(role));
  if (unknown.length === 0) return [];
  return [
    `ROLES names "${unknown.join('", "')}", which is no role. Use any of ${ROLES.join(', ')}, separated by commas.`,
  ];
}

/** A node that plays only some roles works on what the others work on. */
function sharedStoreFaults(config: Config): string[] {
  const given = new Set(config.ROLES.split(',').map((role) => role.trim()));
  const isWhole = given.has('api') && given.has('ingest');
  if (isWhole || roleFaults(config).length > 0) return [];
  return (['DATABASE_URL', 'CLICKHOUSE_URL'] as const)
    .filter((name) => config[name] === '')
    .map(
      (name) =>
        `ROLES is "${config.ROLES}", so the other roles are played by other nodes, but ${name} is unset, and an embedded store is this node's alone. Set ${name} to the store that all nodes share.`,
    );
}

function transportFaults(config: Config): string[] {
  return config.INGEST_TRANSPORT === 'queue' && config.REDIS_URL === ''
    ? [
        'INGEST_TRANSPORT is "queue", which carries segments over Redis, but REDIS_URL is unset. Set REDIS_URL, or set INGEST_TRANSPORT to local.',
      ]
    : [];
}

const URL_SCHEMES = {
  DATABASE_URL: ['postgres:', 'postgresql:'],
  DATABASE_APP_URL: ['postgres:', 'postgresql:'],
  CLICKHOUSE_URL: ['http:', 'https:'],
  REDIS_URL: ['redis:', 'rediss:'],
  NATS_URL: ['nats:', 'tls:'],
  FRONTEND_URL: ['http:', 'https:'],
} as const;

function urlFaults(config: Config): string[] {
  return (Object.keys(URL_SCHEMES) as (keyof typeof URL_SCHEMES)[]).flatMap((name) => {
    const schemes: readonly string[] = URL_SCHEMES[name];
    // NATS_URL may list several servers.
    const values = config[name].split(',').filter((value) => value.trim() !== '');
    const fits = values.every(
      (value) => URL.canParse(value.trim()) && schemes.includes(new URL(value.trim()).protocol),
    );
    return fits
      ? []
      : [`${name} is not a URL that starts with ${schemes.map((s) => `${s}//`).join(' or ')}. Correct it or unset it.`];
  });
}

const SECRETS = ['JWT_SECRET', 'ENCRYPTION_KEY', 'MFA_ENCRYPTION_KEY'] as const;

function secretFaults(config: Config): string[] {
  return SECRETS.flatMap((name) => {
    const remedy = `Set ${name} to the output of \`openssl rand -hex 32\`.`;
    const { length } = config[name];
    if (length >= SECRET_MIN_LENGTH) return [];
    if (length > 0) return [`${name} has ${length} characters, but needs at least ${SECRET_MIN_LENGTH}. ${remedy}`];
    const required = name !== 'MFA_ENCRYPTION_KEY' && config.NODE_ENV === 'production';
    return required ? [`${name} is required in production. ${remedy}`] : [];
  });
}

/** Behind a proxy on the same machine every peer is a loopback peer. */
function anonymousFaults(config: Config): string[] {
  return config.OTLP_ANONYMOUS && config.NODE_ENV === 'production'
    ? ['OTLP_ANONYMOUS is for development. Unset it in production and give each sender an API key.']
    : [];
}

function databaseFaults(config: Config): string[] {
  if (config.DATABASE_URL === '') {
    return config.DATABASE_APP_URL === ''
      ? []
      : ['DATABASE_APP_URL is set without DATABASE_URL. Set both, or neither for the embedded PostgreSQL.'];
  }
  if (config.NODE_ENV !== 'production') return [];
  if (config.DATABASE_APP_URL === '') {
    return [
      'DATABASE_APP_URL is required with DATABASE_URL in production. Create a role that owns nothing and set DATABASE_APP_URL to the same database with that role.',
    ];
  }
  return userOf(config.DATABASE_URL) === userOf(config.DATABASE_APP_URL)
    ? [
        'DATABASE_APP_URL names the owner role of DATABASE_URL, whom row-level security does not bind. Use another role.',
      ]
    : [];
}

function userOf(url: string): string {
  return URL.canParse(url) ? new URL(url).username : url;
}

function portFaults(config: Config): string[] {
  const names = ['PORT', 'OTLP_HTTP_PORT', 'OTLP_GRPC_PORT'] as const;
  return names.flatMap((name, index) => {
    const twin = names.slice(0, index).find((other) => config[other] !== 0 && config[other] === config[name]);
    return twin ? [`${name} and ${twin} are both ${config[name]}. Set ${name} to another port.`] : [];
  });
}
