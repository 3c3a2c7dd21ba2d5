import { ApiError } from './api.js';

/** What the query bar shows under a filter that the server could not read; null for every other failure. */
export function filterErrorOf(error: Error | null): { message: string; offset?: number } | null {
  if (!(error instanceof ApiError) || error.status !== 400) return null;
  const field = error.errors.find(({ path }) => path === 'filter');
  if (error.code !== 'QUERY_SYNTAX' && !field) return null;
  const message = field?.message ?? error.detail;
  const position = /\b(?:position|character|column) (\d+)/i.exec(message)?.[1];
  return position === undefined ? { message } : { message, offset: Number(position) };
}
