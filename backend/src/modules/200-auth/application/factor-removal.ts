import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { beyondPlace } from '../../../shared/platform/database/index.js';
import { type FactorRemover, type SessionOwner, UserFactors } from '../../100-core/index.js';
import { KnownDevices } from './known-devices.js';
import { MfaFactors } from './mfa-factors.js';

/** How administrators turn off somebody's second factor. */
@Injectable()
export class FactorRemoval implements FactorRemover, OnModuleInit {
  constructor(
    private readonly factors: MfaFactors,
    private readonly devices: KnownDevices,
    private readonly users: UserFactors,
  ) {}

  onModuleInit(): void {
    this.users.register(this);
  }

  async remove(manager: EntityManager, { userId }: SessionOwner): Promise<boolean> {
    return beyondPlace(manager, 'authentication', async () => {
      const stored = await this.factors.forUpdate(manager, userId);
      if (!stored?.factor.isEnabled) return false;
      await this.factors.remove(manager, userId);
      await this.devices.withdrawTrust(manager, userId);
      return true;
    });
  }
}
