import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Database, systemScope } from '../../../shared/platform/database/index.js';
import { Avatars, type StoredAvatar } from '../application/avatars.js';
import type { Picture } from '../domain/picture.js';

@Injectable()
export class PostgresAvatars extends Avatars {
  constructor(private readonly database: Database) {
    super();
  }

  async replace(
    manager: EntityManager,
    avatarId: string,
    userId: string,
    picture: Picture,
    content: Buffer,
  ): Promise<void> {
    await manager.query(
      `INSERT INTO avatars (avatar_id, user_id, content_type, width, height, content) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (user_id) DO UPDATE SET
         avatar_id = excluded.avatar_id, content_type = excluded.content_type, width = excluded.width,
         height = excluded.height, content = excluded.content, created_at = now()`,
      [avatarId, userId, picture.type, picture.width, picture.height, content],
    );
  }

  async remove(manager: EntityManager, userId: string): Promise<boolean> {
    const [, removed] = await manager.query<[unknown[], number]>('DELETE FROM avatars WHERE user_id = $1', [userId]);
    return removed > 0;
  }

  async find(avatarId: string): Promise<StoredAvatar | null> {
    const [row] = await this.database.transaction(systemScope('authentication'), (manager) =>
      manager.query<{ content_type: string; content: Buffer }[]>(
        `SELECT a.content_type, a.content FROM avatars a JOIN users u USING (user_id)
         WHERE a.avatar_id = $1 AND u.deleted_at IS NULL`,
        [avatarId],
      ),
    );
    return row ? { contentType: row.content_type, content: row.content } : null;
  }
}
