import { createI18n } from 'vue-i18n';
import { watch } from 'vue';
import { locale, type Locale } from '../lib/preferences.js';

type Catalogue = Record<string, unknown>;

/** One chunk per language: the frame's own words, and each feature's under the feature's name (`traces.…`). */
const catalogues: Record<Locale, () => Promise<{ default: Catalogue }>> = {
  en: () => import('./en.js'),
  id: () => import('./id.js'),
};

export const i18n = createI18n({ legacy: false, locale: 'en', fallbackLocale: 'en', messages: {} });

async function load(language: Locale): Promise<void> {
  const { default: messages } = await catalogues[language]();
  i18n.global.setLocaleMessage(language, messages);
  i18n.global.locale.value = language;
  document.documentElement.lang = language;
}

/** Loads the chosen language before the first page, and every later choice when it is made. */
export async function startI18n(): Promise<void> {
  await load(locale.value in catalogues ? locale.value : 'en');
  watch(locale, (language) => void load(language));
}
