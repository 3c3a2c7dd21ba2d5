import type { Parameters } from '../parameters.js';

/*
 * Whom a client or producer span calls, by the semantic conventions of today and those before them. Of each list the first
 * attribute that is not empty counts.
 */

/** System, then name. */
export const DATABASE_KEYS = [
  ['db.system.name', 'db.system'],
  ['db.namespace', 'db.name', 'server.address', 'net.peer.name'],
] as const;
export const QUEUE_KEYS = [['messaging.system'], ['messaging.destination.name', 'messaging.destination']] as const;
/** A name that a person gave before an address. */
export const HOST_KEYS = ['peer.service', 'server.address', 'net.peer.name', 'url.full', 'http.url'] as const;
const URLS: readonly string[] = ['url.full', 'http.url'];
const MAX_NAME = 200;

export interface PeerSql {
  /** What `expression` needs in the statement's WITH; may be empty. */
  readonly bindings: readonly string[];
  /** A tuple of kind (`database`, `queue`, `external`), system and name; the name is empty without a peer. */
  readonly expression: string;
}

/** @param keys that any span may carry; the others are not read. */
export function peerSql(keys: ReadonlySet<string>, params: Parameters): PeerSql {
  const aliases = new Map<string, string>();
  const bindings: string[] = [];
  const valueOf = (key: string): string => {
    const known = aliases.get(key);
    if (known !== undefined) return known;
    const alias = `peer_${aliases.size + 1}`;
    const value = `attributes[${params.add('String', key)}]`;
    bindings.push(`${URLS.includes(key) ? `domain(${value})` : value} AS ${alias}`);
    aliases.set(key, alias);
    return alias;
  };
  const firstOf = (candidates: readonly string[]): string =>
    candidates
      .filter((key) => keys.has(key))
      .map(valueOf)
      .reduceRight((rest, value) => (rest === "''" ? value : `if(${value} != '', ${value}, ${rest})`), "''");
  const named = (kind: string, [systemKeys, nameKeys]: readonly (readonly string[])[]): string[] => {
    const [system, name] = [firstOf(systemKeys ?? []), firstOf(nameKeys ?? [])];
    // A database whose name nobody tells is called by its kind.
    return system === "''" ? [] : [`${system} != ''`, tuple(kind, system, `if(${name} = '', ${system}, ${name})`)];
  };
  const choices = [...named('database', DATABASE_KEYS), ...named('queue', QUEUE_KEYS)];
  const external = tuple('external', "''", firstOf(HOST_KEYS));
  return {
    expression: choices.length === 0 ? external : `multiIf(${[...choices, external].join(', ')})`,
    bindings,
  };
}

function tuple(kind: string, system: string, name: string): string {
  return `tuple('${kind}', toString(${system}), substringUTF8(toString(${name}), 1, ${MAX_NAME}))`;
}
