import type { AddressInfo, Server } from 'node:net';

/**
 * Listens; resolves with the port.
 *
 * @throws Error with `code` as `listen` gives it
 */
export function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}
