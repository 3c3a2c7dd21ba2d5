import { api, type CallOptions } from './api.js';

const PAGE = 100;
/** More than this many pages are no list that a person reads. */
const MOST_PAGES = 20;

/** Every record of a list, read page after page; at most 2000. */
export async function allPages<T>(path: string, { query, signal }: CallOptions): Promise<T[]> {
  const records: T[] = [];
  for (let page = 1, last = 1; page <= Math.min(last, MOST_PAGES); page += 1) {
    const { data, meta } = await api.get<{ data: T[]; meta: { totalPages: number } }>(path, {
      query: { ...query, page, limit: PAGE },
      ...(signal && { signal }),
    });
    records.push(...data);
    last = meta.totalPages;
  }
  return records;
}
