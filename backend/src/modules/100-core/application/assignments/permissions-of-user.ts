import { Injectable } from '@nestjs/common';
import type { UserPermissions } from '@telemetryflow/contracts';
import { NotFoundError, type RequestContext } from '../../../../shared/platform/index.js';
import { AccessDirectory } from '../access-directory.js';
import { PlaceDirectory } from '../place-directory.js';
import { AssignmentList } from './assignment-list.js';

/** What a user may do in the tenant the caller looks at, and what was granted to them directly. */
@Injectable()
export class PermissionsOfUser {
  constructor(
    private readonly access: AccessDirectory,
    private readonly places: PlaceDirectory,
    private readonly assignments: AssignmentList,
  ) {}

  /** @throws NotFoundError when the user is unknown or out of reach */
  async execute(context: RequestContext, userId: string): Promise<UserPermissions> {
    const grants = await this.assignments.grantsOf(context, userId);
    const place = await this.places.tenant(context.tenantId);
    if (!place) throw new NotFoundError('Tenant');
    const access = await this.access.accessOf(userId);
    return { effective: [...access.permissionsAt(place, Date.now())].sort(), grants };
  }
}
