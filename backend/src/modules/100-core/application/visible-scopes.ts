import { Injectable } from '@nestjs/common';
import type { ScopeTree } from '@telemetryflow/contracts';
import { PermissionDeniedError, type RequestContext } from '../../../shared/platform/index.js';
import { AccessDirectory } from './access-directory.js';
import { PlaceDirectory } from './place-directory.js';

/** What the organization, workspace and tenant switcher offers a person. */
@Injectable()
export class VisibleScopes {
  constructor(
    private readonly access: AccessDirectory,
    private readonly places: PlaceDirectory,
  ) {}

  /** Throws `PermissionDeniedError` for callers that are no person: a key stands in one place. */
  async of({ actor }: RequestContext): Promise<ScopeTree> {
    if (actor.type !== 'user') throw new PermissionDeniedError('tenants:read');
    return this.places.visibleTo(await this.access.accessOf(actor.id), Date.now());
  }
}
