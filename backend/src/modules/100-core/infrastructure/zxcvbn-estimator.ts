import { Injectable } from '@nestjs/common';
import { type PasswordEstimate, PasswordEstimator } from '../application/password-estimator.js';

/** What is looked at: the estimate's cost grows faster than the length, and what is strong so far stays strong. */
const MAX_LENGTH = 64;
/** Readings of a password in which digits stand for letters. */
const MAX_SUBSTITUTIONS = 8;
/** Digits and signs that people append to a common password. */
const APPENDED = /[^\p{L}]{1,8}$/u;

type Estimate = (password: string, hints: readonly string[]) => PasswordEstimate;

/** zxcvbn with its list of 49,000 leaked passwords. Loaded at the first use: the start needs neither. */
@Injectable()
export class ZxcvbnEstimator extends PasswordEstimator {
  #loading: Promise<Estimate> | undefined;

  async estimate(password: string, hints: readonly string[]): Promise<PasswordEstimate> {
    this.#loading ??= loadEstimate();
    const estimate = await this.#loading;
    return estimate(password, hints);
  }
}

async function loadEstimate(): Promise<Estimate> {
  const [{ ZxcvbnFactory }, { adjacencyGraphs, dictionary }] = await Promise.all([
    import('@zxcvbn-ts/core'),
    import('@zxcvbn-ts/language-common'),
  ]);
  const zxcvbn = new ZxcvbnFactory({
    dictionary,
    graphs: adjacencyGraphs,
    maxLength: MAX_LENGTH,
    l33tMaxSubstitutions: MAX_SUBSTITUTIONS,
  });
  const commonPasswords = new Set(dictionary['passwords-common']);
  const isCommon = (password: string) => {
    const folded = password.slice(0, 2 * MAX_LENGTH).toLowerCase();
    return commonPasswords.has(folded) || commonPasswords.has(folded.replace(APPENDED, ''));
  };
  return (password, hints) => ({
    score: zxcvbn.check(
      password,
      hints.filter((hint) => hint !== '').map((hint) => hint.slice(0, MAX_LENGTH)),
    ).score,
    common: isCommon(password),
  });
}
