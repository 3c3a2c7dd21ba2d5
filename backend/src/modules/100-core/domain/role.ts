import { levelOf, PERMISSIONS } from '@telemetryflow/contracts';
import { newId, ValidationError } from '../../../shared/platform/index.js';
import { NotAllowedError } from './authority.js';
import type { Changed } from './user.js';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const KNOWN: ReadonlySet<string> = new Set(PERMISSIONS);
const DEFAULT_LEVEL = 4;
/** The tier of whoever is given none. */
export const DEFAULT_ROLE = 'viewer';

export interface NewRole {
  readonly organizationId: string;
  readonly code?: string | undefined;
  readonly name: string;
  readonly description?: string | undefined;
  readonly level?: number | undefined;
  readonly permissions: readonly string[];
}

export interface RoleChanges {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly level?: number | undefined;
}

/** A set of permissions with a name. The five system tiers never change; an organization makes its own beside them. */
export class Role {
  readonly id: string;
  /** Null: a system tier. */
  readonly organizationId: string | null;
  readonly code: string;
  readonly name: string;
  readonly description: string;
  /** 1 is the strongest tier. */
  readonly level: number;
  readonly permissions: readonly string[];

  private constructor(state: RoleState) {
    this.id = state.id;
    this.organizationId = state.organizationId;
    this.code = state.code;
    this.name = state.name;
    this.description = state.description;
    this.level = state.level;
    this.permissions = state.permissions;
  }

  /** @throws ValidationError for permissions that no role of an organization can hold */
  static create(draft: NewRole, now: Date): Role {
    return new Role({
      id: newId(now.getTime()),
      organizationId: draft.organizationId,
      code: draft.code ?? codeOf(draft.name, now),
      name: draft.name,
      description: draft.description ?? '',
      level: draft.level ?? DEFAULT_LEVEL,
      permissions: lawful(draft.permissions),
    });
  }

  static restore(state: RoleState): Role {
    return new Role(state);
  }

  get isSystem(): boolean {
    return this.organizationId === null;
  }

  /** @throws NotAllowedError for a system tier */
  assertCustom(): string {
    if (this.organizationId === null) throw new NotAllowedError('The system roles never change; make one of your own');
    return this.organizationId;
  }

  /** The fields that really change, as they were and as they are. */
  change(changes: RoleChanges): Changed {
    this.assertCustom();
    const before: Record<string, unknown> = {};
    const after: Record<string, unknown> = {};
    for (const name of ['name', 'description', 'level'] as const) {
      if (changes[name] === undefined || changes[name] === this[name]) continue;
      before[name] = this[name];
      after[name] = changes[name];
    }
    Object.assign(this, after);
    return { before, after };
  }

  /**
   * Replaces the permissions.
   *
   * @returns what came and what went
   * @throws ValidationError for permissions that no role of an organization can hold
   */
  hold(permissions: readonly string[]): { added: string[]; removed: string[] } {
    this.assertCustom();
    const [before, wanted] = [this.permissions, lawful(permissions)];
    const self: Mutable<Role> = this;
    self.permissions = wanted;
    return {
      added: wanted.filter((permission) => !before.includes(permission)),
      removed: before.filter((permission) => !wanted.includes(permission)),
    };
  }
}

export type RoleState = Pick<Role, 'id' | 'organizationId' | 'code' | 'name' | 'description' | 'level' | 'permissions'>;

/** Without repetition, in the catalogue's order. */
function lawful(permissions: readonly string[]): string[] {
  const errors = permissions.flatMap((permission, index) => {
    const message = faultOf(permission);
    return message === null ? [] : [{ path: `permissions.${index}`, code: 'invalid', message }];
  });
  if (errors.length > 0) throw new ValidationError(errors);
  const wanted = new Set(permissions);
  return PERMISSIONS.filter((permission) => wanted.has(permission));
}

function faultOf(permission: string): string | null {
  if (!KNOWN.has(permission)) return 'is no permission; GET /api/v2/permissions lists them';
  if (levelOf(permission) !== 'platform') return null;
  return 'means something over the whole platform only, where no role of an organization is held';
}

/** Latin letters and digits of the name; a name without any gets one by the clock. */
function codeOf(name: string, now: Date): string {
  const code = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 50);
  return code.length >= 2 ? code : `role-${now.getTime().toString(36)}`;
}
