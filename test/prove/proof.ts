/** One line of a proof: how many were tried, how many came out wrong, how many should have been found and were not. */
export interface Proof {
  readonly proof: string;
  readonly tried: number;
  readonly wrong: number;
  readonly missed: number;
  readonly ratio_found: number;
  /** The least `ratio_found` that is enough, where that is not all. */
  readonly least_ratio?: number;
}
