import type { ServicesResponse } from '@telemetryflow/contracts';
import { computed, type ComputedRef } from 'vue';
import { useI18n } from 'vue-i18n';
import { useRouter } from 'vue-router';
import { api } from '../../lib/api.js';
import { sidebarCollapsed, themeChoice, type ThemeChoice } from '../../lib/preferences.js';
import { useApiQuery } from '../../lib/query.js';
import { refreshNow } from '../../lib/refresh.js';
import { useSession } from '../../lib/session.js';
import { QUICK_RANGES, useTimeRange } from '../../lib/time-range.js';
import { useLogout, useShareLink } from './actions.js';
import { useNavigation } from './navigation.js';
import { useRangeWords } from './range-words.js';

export interface Command {
  id: string;
  label: string;
  group: string;
  icon: string;
  keys?: string;
  run(): unknown;
}

/** How well `needle` fits: lower is better, null is not at all. A run of letters beats letters strewn about. */
function fit(label: string, needle: string): number | null {
  const text = label.toLowerCase();
  const at = text.indexOf(needle);
  if (at >= 0) return at === 0 || text[at - 1] === ' ' ? 0 : 1;
  let from = 0;
  for (const letter of needle.replaceAll(' ', '')) {
    from = text.indexOf(letter, from) + 1;
    if (from === 0) return null;
  }
  return 2;
}

/** The commands that fit, best first; all of them, in their order, without a needle. */
export function rankCommands(commands: readonly Command[], search: string): Command[] {
  const needle = search.trim().toLowerCase();
  if (needle === '') return commands.filter((command) => !command.id.startsWith('range:'));
  return commands
    .flatMap((command) => {
      const rank = fit(command.label, needle);
      return rank === null ? [] : [{ command, rank }];
    })
    .sort((a, b) => a.rank - b.rank)
    .map(({ command }) => command);
}

function usePlaces(): ComputedRef<Command[]> {
  const { t } = useI18n();
  const router = useRouter();
  const session = useSession();
  const navigation = useNavigation();
  const range = useTimeRange();
  const services = useApiQuery(
    () => ['services', session.tenantId, range.from, range.to],
    ({ signal }) =>
      api.get<ServicesResponse>('/telemetry/services', { query: { from: range.from, to: range.to }, signal }),
    { live: false, enabled: () => session.can('traces:read') },
  );
  return computed(() => [
    ...navigation.value.map((item) => ({
      id: `go:${item.name}`,
      label: t(item.label),
      group: t('palette.go'),
      icon: item.icon,
      ...(item.key === undefined ? {} : { keys: `g ${item.key}` }),
      run: () => router.push({ name: item.name }),
    })),
    ...(services.data.value?.data ?? []).map(({ name }) => ({
      id: `service:${name}`,
      label: t('palette.tracesOf', { service: name }),
      group: t('nav.services'),
      icon: 'i-lucide-box',
      run: () => router.push({ path: '/traces', query: { filter: `service:${JSON.stringify(name)}` } }),
    })),
  ]);
}

/** Everything the palette offers: places, services, ranges, actions. */
export function useCommands(openHelp: () => void): ComputedRef<Command[]> {
  const { t } = useI18n();
  const places = usePlaces();
  const range = useTimeRange();
  const words = useRangeWords();
  const shareLink = useShareLink();
  const logout = useLogout();
  const action = (id: string, label: string, icon: string, run: () => unknown, keys?: string): Command => ({
    id,
    label,
    icon,
    run,
    group: t('palette.action'),
    ...(keys === undefined ? {} : { keys }),
  });
  const themes: ThemeChoice[] = ['system', 'light', 'dark'];
  return computed(() => [
    ...places.value,
    action('refresh', t('refresh.now'), 'i-lucide-rotate-cw', refreshNow, 'r'),
    action('share', t('range.copyLink'), 'i-lucide-link', () => navigator.clipboard?.writeText(shareLink())),
    ...themes
      .filter((choice) => choice !== themeChoice.value)
      .map((choice) =>
        action(
          `theme:${choice}`,
          t('palette.theme', { theme: t(`user.theme.${choice}`) }),
          'i-lucide-sun-moon',
          () => (themeChoice.value = choice),
        ),
      ),
    action(
      'sidebar',
      t('keys.sidebar'),
      'i-lucide-panel-left',
      () => (sidebarCollapsed.value = !sidebarCollapsed.value),
      '[',
    ),
    action('keys', t('keys.title'), 'i-lucide-keyboard', openHelp, '?'),
    ...QUICK_RANGES.map((quick) =>
      action(`range:${quick}`, words.quick(quick), 'i-lucide-clock', () => range.set(`now-${quick}`, 'now')),
    ),
    action('logout', t('user.logout'), 'i-lucide-log-out', logout),
  ]);
}
