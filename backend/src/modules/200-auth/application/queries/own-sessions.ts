import { Injectable } from '@nestjs/common';
import type { DeviceList, DeviceView, SessionList } from '@telemetryflow/contracts';
import { Database } from '../../../../shared/platform/database/index.js';
import { NotFoundError, type RequestContext } from '../../../../shared/platform/index.js';
import { personOf } from '../person.js';
import { describeUserAgent } from '../user-agents.js';

interface SessionRow {
  readonly session_id: string;
  readonly ip_address: string;
  readonly user_agent: string;
  readonly created_at: Date;
  readonly last_used_at: Date;
  readonly expires_at: Date;
}

interface DeviceRow {
  readonly known_device_id: string;
  readonly name: string;
  readonly user_agent: string;
  readonly trusted_until: Date | null;
  readonly first_seen_at: Date;
  readonly last_seen_at: Date;
  readonly last_ip: string;
  readonly login_count: number;
  readonly is_current: boolean;
}

const DEVICES = `
  SELECT d.known_device_id, d.name, d.user_agent, d.first_seen_at, d.last_seen_at, d.last_ip, d.login_count,
         CASE WHEN d.trusted_until > now() THEN d.trusted_until END AS trusted_until,
         EXISTS (SELECT 1 FROM sessions s
                 WHERE s.session_id = $2 AND s.known_device_id = d.known_device_id) AS is_current
  FROM known_devices d WHERE d.user_id = $1`;

/** Where the caller is signed in, and from which devices they ever were. */
@Injectable()
export class OwnSessions {
  constructor(private readonly database: Database) {}

  /** The living ones, last used first. */
  async sessions(context: RequestContext): Promise<SessionList> {
    const { userId, sessionId } = personOf(context);
    const rows = await this.database.transaction(context, (manager) =>
      manager.query<SessionRow[]>(
        `SELECT session_id, ip_address, user_agent, created_at, last_used_at, expires_at FROM sessions
         WHERE user_id = $1 AND ended_at IS NULL AND expires_at > now()
         ORDER BY last_used_at DESC, session_id DESC`,
        [userId],
      ),
    );
    return {
      data: rows.map((row) => ({
        id: row.session_id,
        ...describeUserAgent(row.user_agent),
        ip: row.ip_address,
        userAgent: row.user_agent,
        createdAt: row.created_at.toISOString(),
        lastActivityAt: row.last_used_at.toISOString(),
        expiresAt: row.expires_at.toISOString(),
        isCurrent: row.session_id === sessionId,
      })),
    };
  }

  /** Last seen first. */
  async devices(context: RequestContext): Promise<DeviceList> {
    const { userId, sessionId } = personOf(context);
    const rows = await this.database.transaction(context, (manager) =>
      manager.query<DeviceRow[]>(`${DEVICES} ORDER BY d.last_seen_at DESC, d.known_device_id DESC`, [
        userId,
        sessionId,
      ]),
    );
    return { data: rows.map(deviceView) };
  }

  /** @throws NotFoundError when it is none of the caller's */
  async device(context: RequestContext, deviceId: string): Promise<DeviceView> {
    const { userId, sessionId } = personOf(context);
    const [row] = await this.database.transaction(context, (manager) =>
      manager.query<DeviceRow[]>(`${DEVICES} AND d.known_device_id = $3`, [userId, sessionId, deviceId]),
    );
    if (!row) throw new NotFoundError('Device');
    return deviceView(row);
  }
}

function deviceView(row: DeviceRow): DeviceView {
  const { browser, os } = describeUserAgent(row.user_agent);
  return {
    id: row.known_device_id,
    name: row.name,
    browser,
    os,
    isTrusted: row.trusted_until !== null,
    trustExpiresAt: row.trusted_until?.toISOString() ?? null,
    firstSeenAt: row.first_seen_at.toISOString(),
    lastSeenAt: row.last_seen_at.toISOString(),
    lastIp: row.last_ip,
    loginCount: row.login_count,
    isCurrent: row.is_current,
  };
}
