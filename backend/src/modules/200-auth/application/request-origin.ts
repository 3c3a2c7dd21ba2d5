/** Where a request came from, before anyone knows who sent it. */
export interface RequestOrigin {
  readonly requestId: string;
  readonly ip: string;
  readonly userAgent: string;
}
