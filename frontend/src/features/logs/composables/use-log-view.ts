import { computed } from 'vue';
import { useUrlQuery } from '../../../lib/url-query.js';
import { columnsOf } from '../model/log-columns.js';

export const LOG_VIEWS = ['list', 'patterns', 'table', 'live'] as const;
export type LogView = (typeof LOG_VIEWS)[number];

/** How the records are shown, kept in the URL. */
export function useLogView() {
  const url = useUrlQuery();
  const names = (parameter: string) =>
    computed({
      get: () => columnsOf(url.get(parameter)),
      set: (list: readonly string[]) => void url.patch({ [parameter]: list.join(',') }, { replace: true }),
    });
  return {
    view: computed<LogView>({
      get: () => LOG_VIEWS.find((name) => name === url.get('view')) ?? 'list',
      set: (name) => void url.patch({ view: name === 'list' ? '' : name, pattern: '' }),
    }),
    wrap: computed({
      get: () => url.get('wrap') === '1',
      set: (isOn: boolean) => void url.patch({ wrap: isOn ? '1' : '' }, { replace: true }),
    }),
    columns: names('columns'),
    by: computed({
      get: () => {
        const chosen = columnsOf(url.get('by'));
        return chosen.length > 0 ? chosen : ['service.name'];
      },
      set: (list: readonly string[]) => void url.patch({ by: list.join(',') }, { replace: true }),
    }),
  };
}
