import { Injectable } from '@nestjs/common';
import type { UpdateUserRequest } from '@telemetryflow/contracts';
import type { RequestContext } from '../../../../shared/platform/index.js';
import { assertRegionalSettings } from '../../domain/regional-settings.js';
import { Areas } from '../areas.js';
import { ManagedUsers } from './managed-users.js';
import { Users } from './users.js';

/** Changes a user's name, language, time zone, or the place a login starts in. */
@Injectable()
export class UpdateUser {
  constructor(
    private readonly users: ManagedUsers,
    private readonly store: Users,
    private readonly areas: Areas,
  ) {}

  /**
   * @throws ValidationError for a time zone or a language that does not exist
   * @throws NotFoundError when the tenant is not one of the user's organization; else as {@link ManagedUsers.change}
   */
  async execute(context: RequestContext, id: string, { tenantId, ...fields }: UpdateUserRequest): Promise<void> {
    assertRegionalSettings(fields);
    await this.users.change(context, id, 'users:update', async ({ manager, user, record }) => {
      const area =
        tenantId === undefined
          ? undefined
          : await this.areas.of(manager, { type: 'tenant', id: tenantId }, user.organizationId);
      const home =
        area?.workspaceId && area.tenantId
          ? { organizationId: user.organizationId, workspaceId: area.workspaceId, tenantId: area.tenantId }
          : undefined;
      const { before, after } = user.change({ ...fields, home }, new Date());
      if (Object.keys(after).length === 0) return;
      await this.store.save(manager, user);
      await record({ action: 'user.updated', before, after });
    });
  }
}
