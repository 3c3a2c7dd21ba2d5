import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { NotFoundError, ValidationError } from '../../../shared/platform/index.js';
import { PlaceDirectory, type Place } from '../../100-core/index.js';
import type { RequestHeaders } from './key-callers.js';

const TENANT_HEADER = 'x-tenant-id';
const WORKSPACE_HEADER = 'x-workspace-id';

/** The credential is good, the place that the request names is not one that it reaches. */
export class PlaceRefusedError extends NotFoundError {
  constructor(
    what: string,
    /** Where the credential stands by itself; null: nowhere any more. */
    readonly home: Place | null,
  ) {
    super(what);
  }
}

/** Finds the tenant that a request means: the credential's own, or another one it may enter, named by headers. */
@Injectable()
export class RequestPlace {
  constructor(private readonly places: PlaceDirectory) {}

  /**
   * @param homeTenantId where the credential stands by itself
   * @param mayEnter whether the credential reaches a place that is not its own
   * @throws ValidationError for a malformed id
   * @throws PlaceRefusedError for an unknown, foreign or inactive place, and for two headers that disagree
   */
  async of(headers: RequestHeaders, homeTenantId: string, mayEnter: (place: Place) => boolean): Promise<Place> {
    const tenantId = idIn(headers, TENANT_HEADER);
    const workspaceId = idIn(headers, WORKSPACE_HEADER);
    const home = await this.places.tenant(homeTenantId);
    const mayStand = (place: Place) => place.tenantId === home?.tenantId || mayEnter(place);
    const candidates = await this.#candidates(tenantId, workspaceId, home);
    const place = candidates.find(mayStand);
    if (!place) throw new PlaceRefusedError(tenantId === null && workspaceId !== null ? 'Workspace' : 'Tenant', home);
    return place;
  }

  async #candidates(
    tenantId: string | null,
    workspaceId: string | null,
    home: Place | null,
  ): Promise<readonly Place[]> {
    if (tenantId !== null) {
      const place = await this.places.tenant(tenantId);
      return place && (workspaceId === null || place.workspaceId === workspaceId) ? [place] : [];
    }
    if (workspaceId === null || workspaceId === home?.workspaceId) return home ? [home] : [];
    return this.places.tenantsOf(workspaceId);
  }
}

function idIn(headers: RequestHeaders, name: string): string | null {
  const value = headers[name];
  if (value === undefined || value === '') return null;
  const parsed = z.uuid().safeParse(value);
  if (parsed.success) return parsed.data.toLowerCase();
  throw new ValidationError([{ path: name, code: 'invalid_format', message: 'must be a UUID' }]);
}
