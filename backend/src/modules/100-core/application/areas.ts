import type { AccessScope } from '@telemetryflow/contracts';
import type { EntityManager } from 'typeorm';
import { NotFoundError } from '../../../shared/platform/index.js';
import { PLATFORM, type Area } from '../domain/access.js';

/** What a scope of a request means. */
export abstract class Areas {
  /**
   * The place within the organization; the whole platform for its own scope.
   *
   * @throws NotFoundError when it is unknown, deleted, reserved or another organization's
   */
  async of(manager: EntityManager, scope: AccessScope, organizationId: string): Promise<Area> {
    if (scope.type === 'platform') return PLATFORM;
    const area = await this.find(manager, scope.type, scope.id, organizationId);
    if (area === null) throw new NotFoundError(NAMES[scope.type]);
    return area;
  }

  /** Null when there is no such organization. */
  abstract organizationCode(manager: EntityManager, organizationId: string): Promise<string | null>;

  protected abstract find(
    manager: EntityManager,
    type: 'organization' | 'workspace' | 'tenant',
    id: string,
    organizationId: string,
  ): Promise<Area | null>;
}

const NAMES = { organization: 'Organization', workspace: 'Workspace', tenant: 'Tenant' } as const;
