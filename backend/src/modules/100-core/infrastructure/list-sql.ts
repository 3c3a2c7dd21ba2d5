/** A timestamp as the contracts write it; NULL stays NULL. */
export function instant(column: string): string {
  return `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

/** An ILIKE pattern for text that contains `search`, whatever characters that has. */
export function containing(search: string): string {
  return `%${search.replace(/[\\%_]/g, String.raw`\$&`)}%`;
}
