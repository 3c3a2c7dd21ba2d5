import { ConflictError } from '../../../shared/platform/errors.js';
import type { Area } from './access.js';

/** From the widest to the narrowest; each is part of one of the level before it. */
export const LEVELS = ['region', 'organization', 'workspace', 'tenant'] as const;
export type Level = (typeof LEVELS)[number];

/** What each is part of. */
export const PARENT: Readonly<Record<Level, Level | null>> = {
  region: null,
  organization: 'region',
  workspace: 'organization',
  tenant: 'workspace',
};

/** Days between a deletion and its purge, in which it can be taken back. */
export const RESTORABLE_DAYS = 90;

/** What can be edited, by the names of the contracts; which there are depends on the level. */
export type NodeAttributes = Readonly<Record<string, unknown>>;

export interface NodeState {
  readonly level: Level;
  readonly id: string;
  readonly code: string;
  /** The node itself and what it is part of; null where it is above, or below, all such. */
  readonly organizationId: string | null;
  readonly workspaceId: string | null;
  /** Of the level above; null for regions. */
  readonly parentId: string | null;
  readonly attributes: NodeAttributes;
  readonly isActive: boolean;
  readonly deletedAt: Date | null;
  /** Something above it is deleted: then it is gone, too. */
  readonly ancestorIsDeleted: boolean;
  /** It is part of the workspace in which the platform keeps its own telemetry. */
  readonly isReserved: boolean;
}

/** What an edit changed, for the audit trail. */
export interface Difference {
  readonly before: NodeAttributes;
  readonly after: NodeAttributes;
}

/**
 * A region, organization, workspace or tenant, as far as its life goes. Its code never changes; a deleted one can be
 * restored until it is purged.
 */
export class HierarchyNode {
  #attributes: NodeAttributes;
  #isActive: boolean;
  #deletedAt: Date | null;

  private constructor(private readonly state: NodeState) {
    this.#attributes = state.attributes;
    this.#isActive = state.isActive;
    this.#deletedAt = state.deletedAt;
  }

  /** A new one, open at once. */
  static create(
    state: Pick<NodeState, 'level' | 'id' | 'code' | 'organizationId' | 'workspaceId' | 'parentId' | 'attributes'>,
  ): HierarchyNode {
    return new HierarchyNode({
      ...state,
      isActive: true,
      deletedAt: null,
      ancestorIsDeleted: false,
      isReserved: false,
    });
  }

  /** One that was stored. */
  static restore(state: NodeState): HierarchyNode {
    return new HierarchyNode(state);
  }

  get level(): Level {
    return this.state.level;
  }
  get id(): string {
    return this.state.id;
  }
  get code(): string {
    return this.state.code;
  }
  get organizationId(): string | null {
    return this.state.organizationId;
  }
  get workspaceId(): string | null {
    return this.state.workspaceId;
  }
  get parentId(): string | null {
    return this.state.parentId;
  }
  get isReserved(): boolean {
    return this.state.isReserved;
  }
  get attributes(): NodeAttributes {
    return this.#attributes;
  }
  get name(): string {
    return String(this.#attributes['name'] ?? '');
  }
  get isActive(): boolean {
    return this.#isActive;
  }
  get deletedAt(): Date | null {
    return this.#deletedAt;
  }
  /** Neither it nor anything above it is deleted. */
  get isAlive(): boolean {
    return this.#deletedAt === null && !this.state.ancestorIsDeleted;
  }
  /** Whether the time in which its deletion can be taken back is over. */
  isPurgeable(now: Date): boolean {
    return this.#deletedAt !== null && now.getTime() - this.#deletedAt.getTime() >= RESTORABLE_DAYS * 86_400_000;
  }

  /** Where it lies, for asking what somebody holds there. */
  get area(): Area {
    return {
      organizationId: this.organizationId,
      workspaceId: this.workspaceId,
      tenantId: this.level === 'tenant' ? this.id : null,
      reserved: this.isReserved,
    };
  }

  /** Takes the fields that are given; answers what was and is, null when nothing changed. */
  change(changes: NodeAttributes): Difference | null {
    const changed = Object.keys(changes).filter(
      (field) => changes[field] !== undefined && !isSame(changes[field], this.#attributes[field]),
    );
    if (changed.length === 0) return null;
    const before = pick(this.#attributes, changed);
    const after = pick(changes, changed);
    this.#attributes = { ...this.#attributes, ...after };
    return { before, after };
  }

  /** False when it is active already: of two that activate it, one does. */
  activate(): boolean {
    if (this.#isActive) return false;
    this.#isActive = true;
    return true;
  }

  /**
   * False when it is inactive already.
   *
   * @throws ConflictError for what the platform itself needs
   */
  deactivate(): boolean {
    if (!this.#isActive) return false;
    this.#assertNotReserved();
    this.#isActive = false;
    return true;
  }

  /** @throws ConflictError while it has active children, and for what the platform itself needs */
  delete(now: Date, activeChildren: number): void {
    this.#assertNotReserved();
    if (activeChildren > 0) {
      const children = CHILDREN[this.level];
      throw new ConflictError(
        `This ${this.level} still has ${activeChildren} active ${activeChildren === 1 ? children.one : children.many}; ` +
          'deactivate or delete what is in it first',
      );
    }
    this.#deletedAt = now;
  }

  /**
   * Takes a deletion back.
   *
   * @throws ConflictError when it is not deleted, or what it is part of is
   */
  undelete(): void {
    if (this.#deletedAt === null) throw new ConflictError(`This ${this.level} is not deleted`);
    if (this.state.ancestorIsDeleted) {
      throw new ConflictError(`What this ${this.level} is part of is deleted; restore that first`);
    }
    this.#deletedAt = null;
  }

  #assertNotReserved(): void {
    if (!this.isReserved) return;
    throw new ConflictError('Here the platform keeps its own telemetry: this can be neither deactivated nor deleted');
  }
}

const CHILDREN: Readonly<Record<Level, { readonly one: string; readonly many: string }>> = {
  region: { one: 'organization', many: 'organizations' },
  organization: { one: 'workspace', many: 'workspaces' },
  workspace: { one: 'tenant', many: 'tenants' },
  tenant: { one: 'child', many: 'children' },
};

function isSame(one: unknown, other: unknown): boolean {
  return canonical(one) === canonical(other);
}

/** JSON with sorted keys: the database does not keep their order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

function pick(source: NodeAttributes, fields: readonly string[]): NodeAttributes {
  return Object.fromEntries(fields.map((field) => [field, source[field]]));
}
