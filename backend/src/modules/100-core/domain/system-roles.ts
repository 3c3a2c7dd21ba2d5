import type { SystemRole } from '@telemetryflow/contracts';

export interface SystemRoleDefinition {
  readonly name: string;
  readonly description: string;
  /** 1 is the strongest tier. */
  readonly level: number;
}

/** The five tiers as the database shows them; what each holds is in the contracts. */
export const SYSTEM_ROLE_DEFINITIONS: Readonly<Record<SystemRole, SystemRoleDefinition>> = {
  super_administrator: { name: 'Super Administrator', description: 'The whole platform.', level: 1 },
  administrator: { name: 'Administrator', description: 'One organization, completely.', level: 2 },
  developer: { name: 'Developer', description: 'Reads and writes telemetry and its tools; never deletes.', level: 3 },
  viewer: { name: 'Viewer', description: 'Reads.', level: 4 },
  demo: { name: 'Demo', description: 'Reads, in the demo organization.', level: 5 },
};
