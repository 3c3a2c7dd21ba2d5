import type { INestApplicationContext } from '@nestjs/common';
import { Database } from '../../src/shared/platform/database/index.js';

/**
 * The texts of the statements that ran during `work`, in order, as the application sent them.
 *
 * @param counts whether the transaction that begins now is looked at; default: all are
 */
export async function statementsOf(
  app: INestApplicationContext,
  work: () => Promise<unknown>,
  counts: () => boolean = () => true,
): Promise<string[]> {
  const database = app.get(Database);
  const original = database.transaction.bind(database);
  const statements: string[] = [];
  database.transaction = (scope, run) => {
    if (!counts()) return original(scope, run);
    return original(scope, (manager) => {
      statements.push('begin');
      const query = manager.query.bind(manager);
      manager.query = (text: string, parameters?: unknown[]) => {
        statements.push(text);
        return query(text, parameters);
      };
      return run(manager);
    });
  };
  try {
    await work();
  } finally {
    database.transaction = original;
  }
  return statements;
}
