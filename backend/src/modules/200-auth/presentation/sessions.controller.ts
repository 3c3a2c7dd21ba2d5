import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Req, Res } from '@nestjs/common';
import {
  DeviceList,
  DeviceView,
  IdParams,
  SessionList,
  SessionsTerminated,
  UpdateDeviceRequest,
} from '@telemetryflow/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Authenticated, Context, Describe, type RequestContext } from '../../../shared/platform/index.js';
import { ChangeDevice } from '../application/commands/change-device.js';
import { EndSessions } from '../application/commands/end-sessions.js';
import { OwnSessions } from '../application/queries/own-sessions.js';
import { AuthCookies } from './auth-cookies.js';

const TAG = 'Sessions and devices';

@Controller('api/v2/auth')
@Authenticated()
export class SessionsController {
  constructor(
    private readonly own: OwnSessions,
    private readonly endSessions: EndSessions,
    private readonly changeDevice: ChangeDevice,
    private readonly cookies: AuthCookies,
  ) {}

  @Get('sessions')
  @Describe({ summary: 'Where the caller is signed in', tag: TAG, response: SessionList })
  sessions(@Context() context: RequestContext): Promise<SessionList> {
    return this.own.sessions(context);
  }

  @Delete('sessions/:id')
  @HttpCode(204)
  @Describe({ summary: 'End one session', tag: TAG, params: IdParams, status: 204 })
  endOne(@Context() context: RequestContext, @Param('id') id: string): Promise<void> {
    return this.endSessions.one(context, id);
  }

  @Delete('sessions')
  @Describe({ summary: 'End all sessions but this one', tag: TAG, response: SessionsTerminated })
  endOthers(@Context() context: RequestContext): Promise<SessionsTerminated> {
    return this.endSessions.others(context);
  }

  @Post('logout-all')
  @HttpCode(200)
  @Describe({ summary: 'End all sessions, this one included', tag: TAG, response: SessionsTerminated })
  async endAll(
    @Context() context: RequestContext,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SessionsTerminated> {
    const ended = await this.endSessions.all(context);
    if (this.cookies.isWanted(request)) this.cookies.clearRefreshToken(request, reply);
    return ended;
  }

  @Get('devices')
  @Describe({ summary: 'Devices that the caller has signed in from', tag: TAG, response: DeviceList })
  devices(@Context() context: RequestContext): Promise<DeviceList> {
    return this.own.devices(context);
  }

  @Patch('devices/:id')
  @Describe({
    summary: 'Name a device, or take back its trust',
    tag: TAG,
    params: IdParams,
    body: UpdateDeviceRequest,
    response: DeviceView,
  })
  update(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Body({ schema: UpdateDeviceRequest }) body: UpdateDeviceRequest,
  ): Promise<DeviceView> {
    return this.changeDevice.update(context, id, body);
  }

  @Delete('devices/:id')
  @HttpCode(204)
  @Describe({ summary: 'Forget a device, and end its sessions', tag: TAG, params: IdParams, status: 204 })
  forget(@Context() context: RequestContext, @Param('id') id: string): Promise<void> {
    return this.changeDevice.forget(context, id);
  }
}
