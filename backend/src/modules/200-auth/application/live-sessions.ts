import { Injectable } from '@nestjs/common';
import { ExpiringMap } from '../../../shared/platform/expiring-map.js';
import { PlaceChanges } from '../../100-core/index.js';
import { type LiveSession, Sessions } from './sessions.js';

/** The end of a session on another node is seen after this at the latest; one on this node at once. */
const TTL_MS = 3_000;

/** Whether a session still lives, asked on every request and answered from memory for a moment. */
@Injectable()
export class LiveSessions {
  readonly #known = new ExpiringMap<{ readonly session: LiveSession | null }>({ ttlMs: TTL_MS, maxEntries: 50_000 });

  constructor(
    private readonly sessions: Sessions,
    places: PlaceChanges,
  ) {
    places.listen(() => this.#known.clear());
  }

  async find(sessionId: string): Promise<LiveSession | null> {
    const { session } = await this.#known.load(sessionId, async () => ({
      session: await this.sessions.live(sessionId),
    }));
    return session;
  }

  evict(sessionId: string): void {
    this.#known.delete(sessionId);
  }
}
