import { Injectable } from '@nestjs/common';
import type { AvatarResponse } from '@telemetryflow/contracts';
import type { EntityManager } from 'typeorm';
import { Database, recordAct, systemScope } from '../../../../shared/platform/database/index.js';
import { DomainError, newId, type RequestContext, ValidationError } from '../../../../shared/platform/index.js';
import { pictureOf, type Picture } from '../../domain/picture.js';
import { Accounts } from '../accounts.js';
import { Avatars } from '../avatars.js';
import { personOf } from '../person.js';
import { Profiles } from '../profiles.js';

export const AVATAR_MAX_BYTES = 1024 ** 2;
const MAX_PIXELS = 4096;

/** Gives the caller a picture, or takes it away. */
@Injectable()
export class ChangeAvatar {
  constructor(
    private readonly database: Database,
    private readonly accounts: Accounts,
    private readonly profiles: Profiles,
    private readonly avatars: Avatars,
  ) {}

  /** @throws ValidationError for what is no picture, DomainError PAYLOAD_TOO_LARGE above {@link AVATAR_MAX_BYTES} */
  async set(context: RequestContext, content: Buffer): Promise<AvatarResponse> {
    const picture = assertPicture(content);
    const { userId } = personOf(context);
    const avatarId = newId();
    const avatar = `/api/v2/avatars/${avatarId}`;
    await this.#change(context, avatar, (manager) => this.avatars.replace(manager, avatarId, userId, picture, content));
    return { avatar };
  }

  async remove(context: RequestContext): Promise<void> {
    const { userId } = personOf(context);
    await this.#change(context, null, (manager) => this.avatars.remove(manager, userId));
  }

  async #change(
    context: RequestContext,
    avatar: string | null,
    change: (manager: EntityManager) => Promise<unknown>,
  ): Promise<void> {
    const { userId } = personOf(context);
    const account = await this.accounts.byId(userId);
    await this.database.transaction(systemScope('authentication'), async (manager) => {
      await change(manager);
      await this.profiles.setAvatar(manager, userId, avatar);
      await recordAct(manager, context, {
        action: 'user.avatar_changed',
        resource: { type: 'user', id: userId, name: account?.email ?? '' },
        organizationId: account?.organizationId ?? null,
        before: { avatar: account?.avatar ?? null },
        after: { avatar },
      });
    });
  }
}

function assertPicture(content: Buffer): Picture {
  if (content.length > AVATAR_MAX_BYTES) throw new DomainError('PAYLOAD_TOO_LARGE', 'A picture may have up to 1 MiB');
  const picture = pictureOf(content);
  if (picture === null) {
    throw new ValidationError([
      { path: 'avatar', code: 'invalid_picture', message: 'must be a PNG, JPEG, WebP or GIF picture' },
    ]);
  }
  if (picture.width > MAX_PIXELS || picture.height > MAX_PIXELS) {
    throw new ValidationError([
      {
        path: 'avatar',
        code: 'too_large',
        message: `must be at most ${MAX_PIXELS} pixels wide and high; make it smaller`,
      },
    ]);
  }
  return picture;
}
