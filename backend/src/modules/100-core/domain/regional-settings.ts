import { isLanguageTag, isTimeZone, ValidationError } from '../../../shared/platform/index.js';

export interface RegionalSettings {
  /** An IANA name, e.g. `Asia/Jakarta`. */
  readonly timezone?: string | undefined;
  /** A BCP 47 tag, e.g. `id-ID`. */
  readonly locale?: string | undefined;
}

/** @throws ValidationError for a time zone or a language tag that no calendar or formatter knows */
export function assertRegionalSettings({ timezone, locale }: RegionalSettings): void {
  const errors = [
    ...(timezone === undefined || isTimeZone(timezone)
      ? []
      : [{ path: 'timezone', code: 'invalid', message: 'must be a time zone such as UTC or Asia/Jakarta' }]),
    ...(locale === undefined || isLanguageTag(locale)
      ? []
      : [{ path: 'locale', code: 'invalid', message: 'must be a language tag such as en-US or id-ID' }]),
  ];
  if (errors.length > 0) throw new ValidationError(errors);
}
