import { Injectable } from '@nestjs/common';
import type { CreateOrganizationRequest, FieldError } from '@telemetryflow/contracts';
import type { EntityManager } from 'typeorm';
import { type ActOrigin, recordAct } from '../../../../shared/platform/database/index.js';
import { ConflictError, newId } from '../../../../shared/platform/index.js';
import type { Place } from '../../domain/access.js';
import { HierarchyNode } from '../../domain/hierarchy-node.js';
import type { DefaultKey, PreparedKey } from '../default-key-issuer.js';
import { type Founder, Founders } from './founders.js';
import { NewNodes } from './new-nodes.js';

interface Named {
  readonly code: string;
  readonly name: string;
}

export interface ProvisioningPlan {
  readonly organization: CreateOrganizationRequest;
  /** Default: `default`, "Default". */
  readonly workspace?: Named | undefined;
  /** Default: `default`, "Default". */
  readonly tenant?: Named | undefined;
  readonly administrator: Founder;
  /** Prepared before the transaction by `DefaultKeyIssuer`. */
  readonly key: PreparedKey;
}

export interface Provisioned {
  readonly place: Place;
  readonly administratorId: string;
  readonly key: DefaultKey;
}

const DEFAULT: Named = { code: 'default', name: 'Default' };

/**
 * Makes an organization that can be worked in at once, in the caller's transaction: organization, workspace, tenant, first
 * administrator, default key. Whatever is refused takes all of it with it, so there is nothing to undo.
 */
@Injectable()
export class OrganizationProvisioner {
  constructor(
    private readonly nodes: NewNodes,
    private readonly founders: Founders,
  ) {}

  /**
   * @param manager in `systemScope('platform')`
   * @throws NotFoundError when there is no such region
   * @throws ConflictError when the code or the address is taken (both are named), or the region is inactive
   */
  async provision(manager: EntityManager, origin: ActOrigin, plan: ProvisioningPlan): Promise<Provisioned> {
    const organization = await this.#organization(manager, origin, plan);
    const workspace = childOf(organization, 'workspace', plan.workspace ?? DEFAULT);
    await this.nodes.add(manager, origin, workspace, 'workspace.code');
    const tenant = childOf(workspace, 'tenant', plan.tenant ?? DEFAULT);
    await this.nodes.add(manager, origin, tenant, 'tenant.code');
    const place: Place = {
      organizationId: organization.id,
      workspaceId: workspace.id,
      tenantId: tenant.id,
      reserved: false,
    };
    const administratorId = await this.#administrator(manager, origin, place, plan.administrator);
    const key = await plan.key.store(manager, origin, place, administratorId);
    return { place, administratorId, key };
  }

  async #organization(manager: EntityManager, origin: ActOrigin, plan: ProvisioningPlan): Promise<HierarchyNode> {
    const emailTaken = await this.founders.isTaken(manager, plan.administrator.email);
    try {
      const organization = await this.nodes.addOrganization(manager, origin, plan.organization, 'organization.code');
      if (emailTaken) throw conflictOf([]);
      return organization;
    } catch (error) {
      // The refused code and the refused address are told together.
      if (!emailTaken || !(error instanceof ConflictError)) throw error;
      throw conflictOf(error.errors);
    }
  }

  async #administrator(manager: EntityManager, origin: ActOrigin, place: Place, founder: Founder): Promise<string> {
    const userId = await this.founders.add(manager, place, founder);
    if (userId === null) throw conflictOf([]);
    const { organizationId } = place;
    const resource = { type: 'user', id: userId, name: founder.email };
    await recordAct(manager, origin, {
      action: 'user.created',
      resource,
      organizationId,
      after: {
        email: founder.email,
        firstName: founder.firstName,
        lastName: founder.lastName,
        roles: ['administrator'],
        isOrganizationCreator: true,
      },
      details: { userId },
    });
    if (founder.passwordHash === null) {
      // Whoever hears of it mails the link.
      const invitedBy = origin.actor?.id ?? null;
      await recordAct(manager, origin, {
        action: 'user.invited',
        resource,
        organizationId,
        details: { userId, invitedBy },
      });
    }
    return userId;
  }
}

function childOf(parent: HierarchyNode, level: 'workspace' | 'tenant', { code, name }: Named): HierarchyNode {
  const id = newId();
  return HierarchyNode.create({
    level,
    id,
    code,
    organizationId: parent.organizationId,
    workspaceId: level === 'workspace' ? id : parent.id,
    parentId: parent.id,
    attributes: { name },
  });
}

function conflictOf(others: readonly FieldError[]): ConflictError {
  const taken = {
    path: 'administrator.email',
    code: 'taken',
    message: 'belongs to another user; choose another address',
  };
  return new ConflictError('The organization could not be provisioned', [...others, taken]);
}
