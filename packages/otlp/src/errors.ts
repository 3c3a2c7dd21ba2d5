/**
 * The body is not a decodable OTLP request: truncated or overlong protobuf, a wrong wire type, broken JSON, a value of
 * the wrong JSON type. Answer HTTP 400 or gRPC INVALID_ARGUMENT; nothing of the request was taken.
 */
export class OtlpDecodeError extends Error {
  override readonly name = 'OtlpDecodeError';
  /** The message type or JSON path at fault, where it is known. */
  readonly field?: string;

  constructor(message: string, field?: string) {
    super(message);
    if (field !== undefined) this.field = field;
  }
}
