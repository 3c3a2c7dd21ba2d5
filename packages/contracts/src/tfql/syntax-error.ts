/** A filter that can't be read: where, what was expected there, and what to write instead. */
export class TfqlSyntaxError extends Error {
  constructor(
    /** Without the position: "expected a value". */
    readonly problem: string,
    /** UTF-16 offset in the source. */
    readonly position: number,
    /** Characters concerned; 0 at the end of the text. */
    readonly length: number,
    /** What to do about it, as a sentence part. */
    readonly suggestion: string,
  ) {
    super(`At character ${position + 1}: ${problem}; ${suggestion}`);
    this.name = 'TfqlSyntaxError';
  }
}
