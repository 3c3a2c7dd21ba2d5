import { createServer } from 'node:net';
import { ConfigError, listenHost, playsRole, type Config } from '../shared/platform/index.js';

type PortVariable = 'PORT' | 'OTLP_HTTP_PORT' | 'OTLP_GRPC_PORT';

/**
 * Makes sure that every port this node is going to listen on is free, before anything is started.
 *
 * @throws ConfigError that names each taken port's variable
 */
export async function assertPortsFree(config: Config): Promise<void> {
  const host = listenHost(config);
  const wanted: PortVariable[] = playsRole(config, 'ingest') ? ['PORT', 'OTLP_HTTP_PORT', 'OTLP_GRPC_PORT'] : ['PORT'];
  const faults = await Promise.all(wanted.map((name) => faultOf(name, config[name], host)));
  const found = faults.filter((fault) => fault !== undefined);
  if (found.length > 0) throw new ConfigError(found);
}

async function faultOf(name: PortVariable, port: number, host: string): Promise<string | undefined> {
  if (port === 0) return undefined;
  const code = await listenOnce(port, host);
  return code === undefined ? undefined : portFault(name, port, host, code);
}

/** The sentence for a port that can't be listened on. */
export function portFault(name: PortVariable, port: number, host: string, code: string): string {
  if (code === 'EADDRINUSE') {
    return `${name} is ${port}, which another program on ${host} already uses. Stop that program or set ${name} to a free port.`;
  }
  if (code === 'EACCES')
    return `${name} is ${port}, which this user may not listen on. Set ${name} to a port above 1023.`;
  return `HOST is "${host}", on which port ${port} can't be opened (${code}). Set HOST to an address of this machine.`;
}

function listenOnce(port: number, host: string): Promise<string | undefined> {
  const server = createServer();
  return new Promise((done) => {
    server.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
    server.listen({ port, host, exclusive: true }, () => server.close(() => done(undefined)));
  });
}
