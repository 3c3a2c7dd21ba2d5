import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { ConflictError } from '../../../../shared/platform/index.js';
import type { HierarchyNode } from '../../domain/hierarchy-node.js';
import { Hierarchy } from './hierarchy.js';

/** What closing a part of the hierarchy takes with it, whether it is deactivated or deleted. */
@Injectable()
export class Closures {
  constructor(private readonly hierarchy: Hierarchy) {}

  /**
   * Ends the sessions of everyone at home in it.
   *
   * @throws ConflictError when the platform could not go on without it
   */
  async close(manager: EntityManager, node: HierarchyNode): Promise<void> {
    if (!(await this.hierarchy.mayClose(manager, node))) {
      throw new ConflictError(
        `The platform could not go on without this ${node.level}: its own telemetry or its last active super ` +
          'administrator is in it',
      );
    }
    await this.hierarchy.endSessionsIn(manager, node);
  }
}
