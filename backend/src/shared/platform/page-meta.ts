import type { PageMeta } from '@telemetryflow/contracts';

/** Which page of how many a list answers. */
export function pageMeta(page: number, limit: number, total: number): PageMeta {
  return { page, limit, total, totalPages: Math.ceil(total / limit) };
}
