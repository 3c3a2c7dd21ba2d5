import { Injectable } from '@nestjs/common';
import { type SystemScope, widestScope } from '../../../shared/platform/database/index.js';
import type { RequestContext } from '../../../shared/platform/index.js';
import { Authority, NotAllowedError } from '../domain/authority.js';
import { AccessDirectory } from './access-directory.js';

/** What callers may do to others' access. */
@Injectable()
export class Authorities {
  constructor(private readonly access: AccessDirectory) {}

  /** @throws NotAllowedError for callers that are no person */
  async of({ actor }: RequestContext): Promise<Authority> {
    if (actor.type !== 'user') throw new NotAllowedError('Only a person administers people');
    return new Authority(actor.id, await this.access.accessOf(actor.id), Date.now());
  }
}

/** How far somebody who administers people looks: their organization, or, holding a role over all of it, the platform. */
export interface Bounds {
  readonly scope: RequestContext | SystemScope;
  /** Null: any. Every statement says it beside the policies. */
  readonly organizationId: string | null;
}

export function reachOf(context: RequestContext): Bounds {
  const organizationId = context.isPlatformAdministrator ? null : context.organizationId;
  return { scope: widestScope(context), organizationId };
}
