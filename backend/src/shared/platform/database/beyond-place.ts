import type { EntityManager } from 'typeorm';
import type { SystemPurpose } from './scope.js';

/**
 * Looks beyond the place of a running transaction for a moment: what `look` asks sees what the purpose opens, and what
 * comes after it sees the place again. For rules that span places, such as names that are unique in an organization; never
 * hand on more than the rule needs.
 */
export async function beyondPlace<T>(
  manager: EntityManager,
  purpose: SystemPurpose,
  look: () => Promise<T>,
): Promise<T> {
  const [before] = await manager.query<{ scope: string | null }[]>(
    `SELECT current_setting('app.system_scope', true) AS scope, set_config('app.system_scope', $1, true)`,
    [purpose],
  );
  // When `look` throws, the transaction rolls back, and its settings with it.
  const seen = await look();
  await manager.query(`SELECT set_config('app.system_scope', $1, true)`, [before?.scope ?? '']);
  return seen;
}
