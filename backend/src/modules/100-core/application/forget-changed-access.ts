import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ClusterEvents } from '../../../shared/messaging/index.js';
import { AccessDirectory } from './access-directory.js';

/** Events after which what many people hold may be another thing. */
const OF_MANY = ['role.*', 'group.*'];

/**
 * Forgets what somebody held before a change. The command that changes it evicts on its own node before it answers; this
 * is how the others learn of it.
 */
@Injectable()
export class ForgetChangedAccess implements OnModuleInit {
  constructor(
    private readonly cluster: ClusterEvents,
    private readonly access: AccessDirectory,
  ) {}

  onModuleInit(): void {
    for (const type of OF_MANY) this.cluster.listen(type, () => this.access.evictAll());
    this.cluster.listen('user.*', ({ payload: { aggregateId } }) => {
      if (typeof aggregateId === 'string') this.access.evict(aggregateId);
    });
  }
}
