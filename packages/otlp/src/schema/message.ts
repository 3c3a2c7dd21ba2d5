/**
 * OTLP messages as tables, for the two jobs that need the whole schema and not speed: encoding JSON to protobuf and
 * merging split submessages. Field numbers are those of opentelemetry-proto; the JSON names are lowerCamelCase.
 */
export type ScalarType =
  | 'string'
  | 'bytes'
  /** trace_id and span_id: bytes on the wire, hex in JSON (OTLP section "JSON Protobuf Encoding"). */
  | 'id'
  | 'bool'
  | 'uint32'
  | 'int32'
  | 'sint32'
  | 'enum'
  | 'int64'
  | 'uint64'
  | 'fixed32'
  | 'fixed64'
  | 'sfixed64'
  | 'double';

export interface Field {
  readonly number: number;
  readonly name: string;
  /** The name in snake_case, which JSON parsers accept beside lowerCamelCase. */
  readonly snakeName: string;
  readonly type: ScalarType | 'message';
  readonly repeated: boolean;
  /** Members of a oneof share this name. */
  readonly oneof?: string;
  /** Value names without their prefix, in the order of their numbers; for enums. */
  readonly names?: readonly string[];
  /** The message type; lazily, because AnyValue contains itself. */
  readonly message?: () => Message;
}

export interface Message {
  readonly name: string;
  /** In the order of field numbers. */
  readonly fields: readonly Field[];
  readonly byNumber: ReadonlyMap<number, Field>;
}

interface FieldOptions {
  readonly repeated?: true;
  readonly oneof?: string;
  readonly names?: readonly string[];
}

/** A field table entry; `type` is a scalar type or a function that returns the message type. */
export function field(
  number: number,
  name: string,
  type: ScalarType | (() => Message),
  options: FieldOptions = {},
): Field {
  const snakeName = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const base = { ...options, number, name, snakeName, repeated: options.repeated === true };
  return typeof type === 'function' ? { ...base, type: 'message', message: type } : { ...base, type };
}

export function message(name: string, fields: readonly Field[]): Message {
  const sorted = fields.toSorted((a, b) => a.number - b.number);
  return { name, fields: sorted, byNumber: new Map(sorted.map((entry) => [entry.number, entry])) };
}

/** Wire type of a scalar that stands alone. */
export function wireType(type: Field['type']): number {
  switch (type) {
    case 'bool':
    case 'uint32':
    case 'int32':
    case 'sint32':
    case 'enum':
    case 'int64':
    case 'uint64':
      return 0;
    case 'fixed64':
    case 'sfixed64':
    case 'double':
      return 1;
    case 'fixed32':
      return 5;
    default:
      return 2;
  }
}
