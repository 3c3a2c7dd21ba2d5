import { EntitySchema } from 'typeorm';
import { Session } from '../domain/session.js';

export const SessionSchema = new EntitySchema<Session>({
  name: 'Session',
  target: Session,
  tableName: 'sessions',
  columns: {
    id: { type: 'uuid', primary: true, name: 'session_id' },
    userId: { type: 'uuid', update: false },
    organizationId: { type: 'uuid', update: false },
    ipAddress: { type: 'text', update: false },
    userAgent: { type: 'text', update: false },
    knownDeviceId: { type: 'uuid', nullable: true, update: false },
    isRemembered: { type: 'boolean', update: false },
    createdAt: { type: 'timestamptz', update: false },
    lastUsedAt: { type: 'timestamptz' },
    expiresAt: { type: 'timestamptz' },
    endedAt: { type: 'timestamptz', nullable: true },
    endReason: { type: 'text', nullable: true },
  },
});
