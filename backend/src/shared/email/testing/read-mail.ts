export interface ReadMail {
  /** By lower-case name; what a header was folded into is one line again. */
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
  readonly html: string;
}

/** Reads a message of two alternatives, text and HTML, as a mail client would (RFC 2045, 2046, 5322). */
export function readMail(message: string): ReadMail {
  const { headers, body } = entityOf(message);
  const boundary = /boundary="([^"]+)"/.exec(headers.get('content-type') ?? '')?.[1];
  if (boundary === undefined) throw new Error('The message has no parts');
  const parts = body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => entityOf(part.replace(/^\r\n/, '')));
  const decoded = (type: string) => {
    const part = parts.find((candidate) => candidate.headers.get('content-type')?.startsWith(type));
    if (part === undefined) throw new Error(`The message has no ${type}`);
    return decode(part.body, part.headers.get('content-transfer-encoding') ?? '7bit').replaceAll('\r\n', '\n');
  };
  return { headers, text: decoded('text/plain'), html: decoded('text/html') };
}

function entityOf(entity: string): { headers: Map<string, string>; body: string } {
  const end = entity.indexOf('\r\n\r\n');
  const lines = entity
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const headers = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  return { headers, body: entity.slice(end + 4) };
}

function decode(body: string, encoding: string): string {
  // RFC 5321 section 4.5.2: a leading dot was doubled on the way.
  const undotted = body.replace(/^\.\./gm, '.');
  if (encoding === 'base64') return Buffer.from(undotted, 'base64').toString();
  if (encoding !== 'quoted-printable') return undotted;
  const bytes = undotted
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}
