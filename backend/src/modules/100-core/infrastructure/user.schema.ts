import { EntitySchema } from 'typeorm';
import { User } from '../domain/user.js';

export const UserSchema = new EntitySchema<User>({
  name: 'User',
  target: User,
  tableName: 'users',
  columns: {
    id: { type: 'uuid', primary: true, name: 'user_id' },
    organizationId: { type: 'uuid', update: false },
    workspaceId: { type: 'uuid' },
    tenantId: { type: 'uuid' },
    email: { type: 'text', update: false },
    firstName: { type: 'text' },
    lastName: { type: 'text' },
    timezone: { type: 'text' },
    locale: { type: 'text' },
    emailVerifiedAt: { type: 'timestamptz', nullable: true, update: false },
    isActive: { type: 'boolean' },
    forcePasswordChange: { type: 'boolean', update: false },
    failedLoginAttempts: { type: 'integer' },
    lockedUntil: { type: 'timestamptz', nullable: true },
    createdAt: { type: 'timestamptz', update: false },
    updatedAt: { type: 'timestamptz' },
    deletedAt: { type: 'timestamptz', nullable: true },
  },
});
