import { Injectable } from '@nestjs/common';
import type { Invite, InviteList as InviteListView } from '@telemetryflow/contracts';
import type { EntityManager } from 'typeorm';
import { Database, widestScope } from '../../../../shared/platform/database/index.js';
import type { RequestContext } from '../../../../shared/platform/index.js';

const MAX_INVITES = 500;

interface InviteRow {
  readonly one_time_token_id: string;
  readonly email: string | null;
  readonly organization_id: string | null;
  readonly expires_at: Date;
  readonly max_uses: number;
  readonly used_count: number;
  readonly created_at: Date;
}

const COLUMNS = `one_time_token_id, email, organization_id, expires_at, max_uses, max_uses - uses_left AS used_count, created_at`;
/** $1: the organization; $2: whether those that belong to none are the caller's business. */
const MINE = `purpose = 'invitation' AND (organization_id = $1 OR (organization_id IS NULL AND $2))`;

/** The invitations of the caller's organization; to administrators of the platform also those to new organizations. */
@Injectable()
export class InviteList {
  constructor(private readonly database: Database) {}

  /** Newest first, without those that have expired. */
  async execute(context: RequestContext): Promise<InviteListView> {
    const rows = await this.database.transaction(widestScope(context), (manager) =>
      manager.query<InviteRow[]>(
        `SELECT ${COLUMNS} FROM one_time_tokens WHERE ${MINE} AND expires_at > now()
         ORDER BY created_at DESC, one_time_token_id DESC LIMIT ${MAX_INVITES}`,
        [context.organizationId, context.isPlatformAdministrator],
      ),
    );
    return { data: rows.map(inviteOf) };
  }

  /** Null when there is no such invitation there. */
  async remove(manager: EntityManager, context: RequestContext, id: string): Promise<Invite | null> {
    const [[row]] = await manager.query<[InviteRow[], number]>(
      `DELETE FROM one_time_tokens WHERE ${MINE} AND one_time_token_id = $3 RETURNING ${COLUMNS}`,
      [context.organizationId, context.isPlatformAdministrator, id],
    );
    return row ? inviteOf(row) : null;
  }
}

function inviteOf(row: InviteRow): Invite {
  return {
    id: row.one_time_token_id,
    email: row.email,
    organizationId: row.organization_id,
    expiresAt: row.expires_at.toISOString(),
    maxUses: row.max_uses,
    usedCount: row.used_count,
    createdAt: row.created_at.toISOString(),
  };
}
