/** Whether `zone` is an IANA time zone that dates can be written in; offsets such as `+07:00` are none. */
export function isTimeZone(zone: string): boolean {
  return /^[A-Za-z]/.test(zone) && succeeds(() => new Intl.DateTimeFormat('en', { timeZone: zone }));
}

/** Whether `tag` is a well-formed BCP 47 language tag: `id-ID`, `en`. */
export function isLanguageTag(tag: string): boolean {
  return succeeds(() => new Intl.Locale(tag));
}

function succeeds(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
