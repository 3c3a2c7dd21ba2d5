import { connect } from 'node:net';

/** Protocol version 3.0. */
const PROTOCOL = 196_608;

/**
 * Whether the server lets clients in: it answers a start-up message with an authentication request
 * (`R`), and with an error (57P03) while it starts, recovers or shuts down.
 */
export function answersStartup(port: number, user: string, database: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const finish = (answers: boolean) => {
      socket.destroy();
      resolve(answers);
    };
    socket.setTimeout(5_000, () => finish(false));
    socket.once('error', () => finish(false));
    socket.once('close', () => finish(false));
    socket.once('data', (data) => finish(data[0] === 'R'.charCodeAt(0)));
    socket.once('connect', () => socket.write(startupMessage({ user, database })));
  });
}

/** Length (itself included), version, then zero-terminated names and values, then a zero. */
function startupMessage(parameters: Readonly<Record<string, string>>): Buffer {
  const body = Buffer.from(`${Object.entries(parameters).flat().join('\0')}\0\0`);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + body.length, 0);
  head.writeUInt32BE(PROTOCOL, 4);
  return Buffer.concat([head, body]);
}
