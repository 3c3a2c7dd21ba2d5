const IDS = new Set(['traceId', 'spanId', 'parentSpanId']);

export interface JsonSpelling {
  /** Hex digits of ids in upper case. */
  upperCase: boolean;
  /** 64-bit integers as bare numbers instead of strings. */
  bareIntegers: boolean;
  snakeCase: boolean;
}

/** Fields whose values the arbitraries hold as decimal strings. */
const INTEGERS = /^(intValue|asInt|count|zeroCount|bucketCounts|\w*[tT]imeUnixNano)$/;

/** An OTLP/JSON document of a request object as the arbitraries make it. */
export function toOtlpJson(request: unknown, spelling: JsonSpelling): Buffer {
  return Buffer.from(write(request, '', spelling));
}

function write(value: unknown, name: string, spelling: JsonSpelling): string {
  if (value instanceof Uint8Array) {
    const encoded = Buffer.from(value).toString(IDS.has(name) ? 'hex' : 'base64');
    return JSON.stringify(IDS.has(name) && spelling.upperCase ? encoded.toUpperCase() : encoded);
  }
  if (Array.isArray(value)) return `[${value.map((element) => write(element, name, spelling)).join(',')}]`;
  if (typeof value === 'number' && !Number.isFinite(value)) return `"${value}"`;
  if (typeof value === 'string' && INTEGERS.test(name) && spelling.bareIntegers) return value;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, member]) => {
    const spelled = spelling.snakeCase ? key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) : key;
    return `${JSON.stringify(spelled)}: ${write(member, key, spelling)}`;
  });
  return `{${members.join(',')}}`;
}
