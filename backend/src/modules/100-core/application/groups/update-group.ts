import { Injectable } from '@nestjs/common';
import type { UpdateGroupRequest } from '@telemetryflow/contracts';
import type { RequestContext } from '../../../../shared/platform/index.js';
import { Groups } from './groups.js';
import { ManagedGroups } from './managed-groups.js';

/** Renames a group or describes it anew. */
@Injectable()
export class UpdateGroup {
  constructor(
    private readonly managed: ManagedGroups,
    private readonly groups: Groups,
  ) {}

  /** @throws ConflictError when the name is taken; else as {@link ManagedGroups.change} */
  async execute(context: RequestContext, id: string, request: UpdateGroupRequest): Promise<void> {
    await this.managed.change(context, id, 'groups:update', async ({ manager, group, record }) => {
      const name = request.name ?? group.name;
      const description = request.description ?? group.description;
      if (name === group.name && description === group.description) return;
      await this.groups.save(manager, { ...group, name, description });
      const before = { name: group.name, description: group.description };
      await record({ action: 'group.updated', before, after: { name, description } });
    });
  }
}
