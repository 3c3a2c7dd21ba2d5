import { Injectable } from '@nestjs/common';
import type { CreateOrganizationRequest } from '@telemetryflow/contracts';
import { Database, systemScope } from '../../../../../shared/platform/database/index.js';
import type { RequestContext } from '../../../../../shared/platform/index.js';
import { NewNodes } from '../new-nodes.js';

/** Creates an empty organization. One that can be worked in at once is provisioned instead. */
@Injectable()
export class CreateOrganization {
  constructor(
    private readonly database: Database,
    private readonly nodes: NewNodes,
  ) {}

  /**
   * @throws NotFoundError when there is no such region
   * @throws ConflictError when the code is taken, or the region is inactive
   */
  execute(context: RequestContext, request: CreateOrganizationRequest): Promise<string> {
    // What the guard asked for is held over the whole platform or not at all.
    return this.database.transaction(systemScope('platform'), async (manager) => {
      const { id } = await this.nodes.addOrganization(manager, context, request);
      return id;
    });
  }
}
