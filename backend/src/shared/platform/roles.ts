import type { Config } from './config.js';

export type NodeRole = 'api' | 'ingest' | 'worker';

/** Whether this node plays the role. */
export function playsRole(config: Config, role: NodeRole): boolean {
  return config.ROLES.split(',').some((r) => r.trim() === role);
}
