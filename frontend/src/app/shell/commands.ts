import type { ServicesResponse } from '@telemetryflow/contracts';
import { computed, type ComputedRef } from 'vue';
import { useI18n } from 'vue-i18n';
import { useRouter } from 'vue-router';
import { api } from '../../lib/api.js';
import { sidebarCollapsed, themeChoice, type ThemeChoice } from '../../lib/preferences.js';
import { useApiQuery } from '../../lib/query.js';
import { refreshNow } from '../../lib/refresh.js';
import { useSavedViews, viewLocation } from '../../lib/saved-views.js';
import { useSession } from '../../lib/session.js';
import { useShareLink } from '../../lib/share-link.js';
import { QUICK_RANGES, useTimeRange } from '../../lib/time-range.js';
import { useLogout } from './actions.js';
import { useDestinations } from './navigation.js';
import type { Command } from './rank-commands.js';
import { useRangeWords } from './range-words.js';

function usePlaces(): ComputedRef<Command[]> {
  const { t } = useI18n();
  const router = useRouter();
  const session = useSession();
  const navigation = useDestinations();
  const range = useTimeRange();
  const services = useApiQuery(
    () => ['services', session.tenantId, range.from, range.to],
    ({ signal }) =>
      api.get<ServicesResponse>('/telemetry/services', { query: { from: range.from, to: range.to }, signal }),
    { live: false, enabled: () => session.can('traces:read') },
  );
  const views = useSavedViews(null);
  return computed(() => [
    ...navigation.value.map((item) => ({
      id: `go:${item.name}`,
      label: t(item.label),
      group: t('palette.go'),
      icon: item.icon,
      ...(item.key === undefined ? {} : { keys: `g ${item.key}` }),
      run: () => router.push({ name: item.name }),
    })),
    ...(views.data.value?.data ?? []).map((view) => ({
      id: `view:${view.id}`,
      label: t('palette.openView', { name: view.name, page: t(`${view.page}.title`) }),
      group: t('palette.view'),
      icon: 'i-lucide-bookmark',
      run: () => router.push(viewLocation(view)),
    })),
    ...(services.data.value?.data ?? []).map(({ name }) => ({
      id: `service:${name}`,
      label: t('palette.openService', { service: name }),
      group: t('palette.service'),
      icon: 'i-lucide-boxes',
      run: () => router.push({ name: 'service', params: { service: name }, query: { from: range.from, to: range.to } }),
    })),
    ...(services.data.value?.data ?? []).map(({ name }) => ({
      id: `traces:${name}`,
      label: t('palette.tracesOf', { service: name }),
      group: t('palette.service'),
      icon: 'i-lucide-box',
      run: () => router.push({ name: 'traces', query: { filter: `service:${JSON.stringify(name)}` } }),
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
