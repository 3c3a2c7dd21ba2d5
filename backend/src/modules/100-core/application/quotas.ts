import type { WorkspaceQuotas } from '@telemetryflow/contracts';

/** What a workspace may use, for the modules that measure it: telemetry, keys, alerts, dashboards. */
export abstract class Quotas {
  /**
   * Absent or null: no limit. Answered from memory for up to half a minute, except after a change; cheap enough for the
   * way of every request.
   */
  abstract quotasOf(workspaceId: string): Promise<WorkspaceQuotas>;
}
