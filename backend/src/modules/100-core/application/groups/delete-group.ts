import { Injectable } from '@nestjs/common';
import type { RequestContext } from '../../../../shared/platform/index.js';
import { Administrators } from '../administrators.js';
import { Groups } from './groups.js';
import { ManagedGroups } from './managed-groups.js';

/** Deletes a group; its members lose what they held through it. */
@Injectable()
export class DeleteGroup {
  constructor(
    private readonly managed: ManagedGroups,
    private readonly groups: Groups,
    private readonly administrators: Administrators,
  ) {}

  /** @throws ConflictError when it makes the last administrator; else as {@link ManagedGroups.change} */
  async execute(context: RequestContext, id: string): Promise<void> {
    await this.managed.change(context, id, 'groups:delete', async ({ manager, group, roles, record }) => {
      const members = await this.groups.memberIds(manager, id);
      await this.administrators.protect(manager, group.organizationId, () => this.groups.remove(manager, id));
      const { name, description } = group;
      const held = roles.map(({ code, area }) => ({ role: code, area }));
      await record({ action: 'group.deleted', before: { name, description, members, roles: held } });
    });
  }
}
