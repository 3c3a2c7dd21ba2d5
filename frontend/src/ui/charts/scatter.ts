export interface ScatterPoint {
  readonly id: string;
  readonly timeMs: number;
  readonly durationNs: number;
  /** Decides the size. */
  readonly spanCount: number;
  readonly isError: boolean;
  /** First line of the tooltip. */
  readonly title: string;
}
