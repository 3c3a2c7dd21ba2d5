import { Injectable } from '@nestjs/common';
import type { CreateGroupRequest } from '@telemetryflow/contracts';
import { Database, recordAct } from '../../../../shared/platform/database/index.js';
import { newId, type RequestContext } from '../../../../shared/platform/index.js';
import { organizationArea } from '../../domain/access.js';
import { Authorities } from '../authorities.js';
import { Groups } from './groups.js';

/** Makes a group, without members and roles yet, in the organization the caller stands in. */
@Injectable()
export class CreateGroup {
  constructor(
    private readonly database: Database,
    private readonly authorities: Authorities,
    private readonly groups: Groups,
  ) {}

  /**
   * @returns the new group's id
   * @throws PermissionDeniedError and, when the name is taken, ConflictError
   */
  async execute(context: RequestContext, { name, description = '' }: CreateGroupRequest): Promise<string> {
    const { organizationId } = context;
    (await this.authorities.of(context)).assertHolds('groups:create', organizationArea(organizationId));
    const id = newId();
    await this.database.transaction(context, async (manager) => {
      await this.groups.add(manager, { id, organizationId, name, description });
      await recordAct(manager, context, {
        action: 'group.created',
        resource: { type: 'group', id, name },
        after: { name, description },
      });
    });
    return id;
  }
}
