import type { AuditPage, SubjectAccess } from '@telemetryflow/contracts';
import { toValue, type MaybeRefOrGetter } from 'vue';
import { allPages } from '../../lib/all-pages.js';
import { api } from '../../lib/api.js';
import { itemsPerPage } from '../../lib/preferences.js';
import { useApiQuery } from '../../lib/query.js';
import { saveFile } from '../../lib/save-file.js';

type Entry = AuditPage['data'][number];

/** What the platform keeps of the person: their own acts, and everything else, to read and to take away. */
export function useMyData(page: MaybeRefOrGetter<number>) {
  const audit = useApiQuery(
    () => ['account', 'audit', toValue(page), itemsPerPage.value],
    ({ signal }) =>
      api.get<AuditPage>('/users/me/audit', { query: { page: toValue(page), limit: itemsPerPage.value }, signal }),
    { live: false },
  );
  const day = () => new Date().toISOString().slice(0, 10);
  const save = (name: string, data: unknown) =>
    saveFile(`telemetryflow-${name}-${day()}.json`, 'application/json', `${JSON.stringify(data, null, 2)}\n`);
  return {
    audit,
    saveAudit: async () => save('activity', await allPages<Entry>('/users/me/audit', {})),
    saveAll: async () => save('my-data', await api.get<SubjectAccess>('/users/me/data-export')),
  };
}
