import { useI18n } from 'vue-i18n';

const UNITS: Readonly<Record<string, string>> = { s: 'seconds', m: 'minutes', h: 'hours', d: 'days', w: 'weeks' };

/** Quick ranges in words: `30m` is "Last 30 min". */
export function useRangeWords(): { quick(code: string): string } {
  const { t } = useI18n();
  return {
    quick(code) {
      const unit = UNITS[code.slice(-1)];
      const n = Number(code.slice(0, -1));
      return unit === undefined ? code : t('range.last', { span: t(`range.${unit}`, { n }, n) });
    },
  };
}
