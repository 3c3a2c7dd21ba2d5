/** How long somebody who tries likely passwords first would take. */
export interface PasswordEstimate {
  /** 0 (guessed at once) to 4. */
  readonly score: number;
  /** One of the most used passwords, as it is or with something appended. */
  readonly common: boolean;
}

export abstract class PasswordEstimator {
  /** @param hints words that an attacker would know of its owner; using them earns nothing */
  abstract estimate(password: string, hints: readonly string[]): Promise<PasswordEstimate>;
}
