/** An exception of the engine, or one this server raises in the engine's terms. */
export class ClickHouseException extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }

  /** The body ClickHouse sends: `Code: 60. DB::Exception: … (UNKNOWN_TABLE)`. */
  get text(): string {
    return this.message.startsWith('Code: ') ? this.message : `Code: ${this.code}. DB::Exception: ${this.message}`;
  }

  /** Reads the code out of a message of the engine; what has none becomes 1002 (UNKNOWN_EXCEPTION). */
  static from(error: unknown): ClickHouseException {
    if (error instanceof ClickHouseException) return error;
    if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOSPC') {
      return new ClickHouseException(243, 'No space left on the device of the data folder. (NOT_ENOUGH_SPACE)');
    }
    const message = (error instanceof Error ? error.message : String(error)).replace(/^Query failed: /, '').trim();
    const code = /Code: (\d+)\. DB::/.exec(message)?.[1];
    return code === undefined
      ? new ClickHouseException(1002, `${message}. (UNKNOWN_EXCEPTION)`)
      : new ClickHouseException(Number(code), message);
  }
}

export const AUTHENTICATION_FAILED = 516;
export const SYNTAX_ERROR = 62;
export const BAD_ARGUMENTS = 36;
export const NETWORK_ERROR = 210;
export const NOT_IMPLEMENTED = 48;
export const QUERY_WAS_CANCELLED = 394;
export const QUERY_IS_TOO_LARGE = 307;
export const CANNOT_PARSE_INPUT = 27;

const CODES_BY_STATUS: ReadonlyArray<readonly [status: number, codes: readonly number[]]> = [
  [401, [194, AUTHENTICATION_FAILED]],
  [403, [192, 193, 497]],
  [
    400,
    [
      6,
      CANNOT_PARSE_INPUT,
      26,
      33,
      38,
      41,
      42,
      43,
      53,
      SYNTAX_ERROR,
      69,
      70,
      72,
      117,
      131,
      167,
      168,
      320,
      36,
      456,
      457,
      376,
      675,
    ],
  ],
  [404, [60, 46, 47, 50, 56, 81, 115, 108, 63, 73, 336, 83, 16]],
  [408, [159]],
  [413, [QUERY_IS_TOO_LARGE]],
  [411, [381]],
  [501, [NOT_IMPLEMENTED]],
  [503, [209, 76, 439]],
];

const STATUS = new Map(CODES_BY_STATUS.flatMap(([status, codes]) => codes.map((code) => [code, status] as const)));

/** HTTP status for an exception code, after ClickHouse's `exceptionCodeToHTTPStatus`; 500 for the rest. */
export function httpStatus(code: number): number {
  return STATUS.get(code) ?? 500;
}
