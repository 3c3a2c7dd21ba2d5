import { createServer, type AddressInfo, type Socket } from 'node:net';

export interface SmtpSink {
  readonly port: number;
  /** What clients sent, chunk by chunk. */
  readonly received: string[];
  close(): void;
}

/** As much of SMTP (RFC 5321) as one mail needs; collects what is sent. */
export async function smtpSink(): Promise<SmtpSink> {
  const received: string[] = [];
  const server = createServer((socket: Socket) => {
    let inData = false;
    socket.write('220 sink\r\n');
    socket.on('data', (chunk: Buffer) => {
      const text = chunk.toString();
      received.push(text);
      if (inData) {
        if (!text.endsWith('\r\n.\r\n')) return;
        inData = false;
        socket.write('250 taken\r\n');
      } else if (text.startsWith('DATA')) {
        inData = true;
        socket.write('354 go on\r\n');
      } else if (text.startsWith('QUIT')) {
        socket.end('221 bye\r\n');
      } else {
        socket.write('250 ok\r\n');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, received, close: () => server.close() };
}
