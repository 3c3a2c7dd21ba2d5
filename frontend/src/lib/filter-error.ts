import { parseTfql, TfqlSyntaxError } from '@telemetryflow/contracts';
import { ApiError } from './api.js';

/**
 * What the query bar shows under a filter that can't be read: found here at once, with its place, or said by the server.
 * Null for a good filter and for every other failure.
 */
export function filterErrorOf(filter: string, error: Error | null): { message: string; offset?: number } | null {
  try {
    parseTfql(filter);
  } catch (problem) {
    if (!(problem instanceof TfqlSyntaxError)) throw problem;
    return { message: `${problem.problem}; ${problem.suggestion}`, offset: problem.position };
  }
  if (!(error instanceof ApiError) || error.status !== 400) return null;
  // A part of the query model names the filter by its place.
  const field = error.errors.find(({ path }) => /^(?:queries\.\d+\.)?filter$/.test(path));
  return error.code === 'QUERY_SYNTAX' || field ? { message: field?.message ?? error.detail } : null;
}
