import { createServer, type AddressInfo, type Socket } from 'node:net';

export interface SmtpSink {
  readonly port: number;
  /** What clients sent, chunk by chunk. */
  readonly received: string[];
  /** The messages among it, complete ones only, as they were sent: headers, an empty line, the body. */
  readonly messages: string[];
  /** While it is above zero, a message is refused for now (451), and it counts down. */
  refusals: number;
  close(): void;
}

/** As much of SMTP (RFC 5321) as a mail needs; collects what is sent. */
export async function smtpSink(): Promise<SmtpSink> {
  const sink = { received: [] as string[], messages: [] as string[], refusals: 0 };
  const server = createServer((socket: Socket) => {
    let message: string | null = null;
    socket.write('220 sink\r\n');
    // A client that is stopped in the middle of a mail is no news.
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      const text = chunk.toString();
      sink.received.push(text);
      if (message !== null) {
        message += text;
        if (!message.endsWith('\r\n.\r\n')) return;
        socket.write(take(message));
        message = null;
      } else if (text.startsWith('DATA')) {
        message = '';
        socket.write('354 go on\r\n');
      } else if (text.startsWith('QUIT')) {
        socket.end('221 bye\r\n');
      } else {
        socket.write('250 ok\r\n');
      }
    });
  });
  function take(message: string): string {
    if (sink.refusals > 0) {
      sink.refusals -= 1;
      return '451 not now\r\n';
    }
    sink.messages.push(message.slice(0, -5));
    return '250 taken\r\n';
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(sink, { port: (server.address() as AddressInfo).port, close: () => void server.close() });
}
