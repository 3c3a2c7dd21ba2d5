/** Where a request came from, before anyone knows who sent it. */
export interface RequestOrigin {
  readonly requestId: string;
  readonly ip: string;
  readonly userAgent: string;
}

/** What the device keeps of earlier logins. */
export interface DeviceClaim {
  /** Null: it keeps none, or is new. */
  readonly token: string | null;
  /** A browser, which will keep the token that it gets; a program has to ask for one. */
  readonly keepsToken: boolean;
}
