import type { FieldError } from '@telemetryflow/contracts';

export const PASSWORD_MIN_LENGTH = 12;
export const PASSWORD_MAX_LENGTH = 128;
/** The current password and those before it that nobody may choose again. */
export const REMEMBERED_PASSWORDS = 5;
/** Of 0 to 4: 3 takes more than 10^8 guesses. */
export const REQUIRED_SCORE = 3;
/** A shorter name is a syllable of too many words. */
const TELLING_LENGTH = 4;

/** What this platform is called: the first guess of whoever knows where a password is for. */
const PLATFORM_WORDS = ['telemetryflow'];

/** Whose password it will be. */
export interface PasswordOwner {
  readonly email: string;
  readonly names: readonly string[];
}

/** What is known of a password that somebody wants. */
export interface PasswordFacts {
  /** 0 (guessed at once) to 4. */
  readonly score: number;
  /** One of the most used passwords, as it is or with something appended. */
  readonly common: boolean;
  /** One of the owner's last ones. */
  readonly reused: boolean;
}

type Rule = Omit<FieldError, 'path'>;

const RULES = {
  tooShort: { code: 'too_short', message: `must have at least ${PASSWORD_MIN_LENGTH} characters` },
  tooLong: { code: 'too_long', message: `must have at most ${PASSWORD_MAX_LENGTH} characters` },
  common: { code: 'common', message: 'is one of the passwords that everybody tries first; choose an unusual one' },
  personal: {
    code: 'personal',
    message: 'must not contain your name, your e-mail address or the name of this platform',
  },
  tooWeak: {
    code: 'too_weak',
    message: 'is too easy to guess; use several unrelated words, or more random characters',
  },
  reused: {
    code: 'reused',
    message: `was one of your last ${REMEMBERED_PASSWORDS} passwords; choose one that you have not had`,
  },
} as const satisfies Record<string, Rule>;

/** Every rule that the password fails; empty: it may be used. No rule asks for kinds of characters. */
export function failedRules(password: string, owner: PasswordOwner, facts: PasswordFacts): Rule[] {
  const failed: readonly (false | Rule)[] = [
    lengthOf(password) < PASSWORD_MIN_LENGTH && RULES.tooShort,
    lengthOf(password) > PASSWORD_MAX_LENGTH && RULES.tooLong,
    facts.common && RULES.common,
    isPersonal(password, owner) && RULES.personal,
    facts.score < REQUIRED_SCORE && RULES.tooWeak,
    facts.reused && RULES.reused,
  ];
  return failed.filter((rule) => rule !== false);
}

/** In characters as people count them, or nearly: an emoji is one. */
function lengthOf(password: string): number {
  return Array.from(password).length;
}

function isPersonal(password: string, { email, names }: PasswordOwner): boolean {
  const folded = fold(password);
  return [email.split('@', 1)[0] ?? '', ...names, ...PLATFORM_WORDS]
    .map(fold)
    .some((part) => part.length >= TELLING_LENGTH && folded.includes(part));
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/g, '');
}
