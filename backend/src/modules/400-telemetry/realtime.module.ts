import { Module } from '@nestjs/common';
import { AuthModule } from '../200-auth/200-auth.module.js';
import { Arrivals } from './realtime/arrivals.js';
import { IngestNews } from './realtime/ingest-news.js';
import { LogTailReader } from './realtime/log-tail-reader.js';
import { LogTails } from './realtime/log-tails.js';
import { SocketServer } from './realtime/socket-server.js';
import { SocketSessions } from './realtime/socket-sessions.js';
import { TelemetryGateway } from './realtime/telemetry-gateway.js';
import { TelemetryModule } from './telemetry.module.js';

/** What is pushed to screens as it comes in, over Socket.IO. */
@Module({
  imports: [AuthModule, TelemetryModule],
  providers: [Arrivals, IngestNews, LogTailReader, LogTails, SocketServer, SocketSessions, TelemetryGateway],
})
export class RealtimeModule {}
