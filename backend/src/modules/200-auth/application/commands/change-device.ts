import { Injectable } from '@nestjs/common';
import type { DeviceView, UpdateDeviceRequest } from '@telemetryflow/contracts';
import { Database, recordAct, systemScope } from '../../../../shared/platform/database/index.js';
import { NotFoundError, type RequestContext } from '../../../../shared/platform/index.js';
import { KnownDevices } from '../known-devices.js';
import { personOf } from '../person.js';
import { OwnSessions } from '../queries/own-sessions.js';
import { SessionEndings } from '../session-endings.js';

/** Renames a device of the caller, takes back its trust, or forgets it. */
@Injectable()
export class ChangeDevice {
  constructor(
    private readonly database: Database,
    private readonly devices: KnownDevices,
    private readonly endings: SessionEndings,
    private readonly own: OwnSessions,
  ) {}

  /** @throws NotFoundError when it is none of the caller's */
  async update(context: RequestContext, deviceId: string, change: UpdateDeviceRequest): Promise<DeviceView> {
    const { userId } = personOf(context);
    await this.database.transaction(systemScope('authentication'), async (manager) => {
      const before = await this.devices.forUpdate(manager, userId, deviceId);
      if (!before) throw new NotFoundError('Device');
      const { name = before.name, isTrusted = before.isTrusted } = change;
      await this.devices.change(manager, userId, deviceId, { name, isTrusted });
      await recordAct(manager, context, {
        action: before.isTrusted && !isTrusted ? 'auth.device_trust_withdrawn' : 'auth.device_updated',
        resource: { type: 'device', id: deviceId, name },
        organizationId: before.organizationId,
        before: { name: before.name, isTrusted: before.isTrusted },
        after: { name, isTrusted },
        details: { userId },
      });
    });
    return this.own.device(context, deviceId);
  }

  /**
   * Its sessions end with it, except the one that asks.
   *
   * @throws NotFoundError when it is none of the caller's
   */
  async forget(context: RequestContext, deviceId: string): Promise<void> {
    const { userId, sessionId } = personOf(context);
    const ended = await this.database.transaction(systemScope('authentication'), async (manager) => {
      const device = await this.devices.forUpdate(manager, userId, deviceId);
      if (!device) throw new NotFoundError('Device');
      const ids = await this.endings.end(manager, { userId, knownDeviceId: deviceId, except: sessionId }, 'revoked');
      await this.devices.remove(manager, userId, deviceId);
      await recordAct(manager, context, {
        action: 'auth.device_forgotten',
        resource: { type: 'device', id: deviceId, name: device.name },
        organizationId: device.organizationId,
        details: { userId, sessionIds: ids },
      });
      return ids;
    });
    this.endings.forget(ended);
  }
}
