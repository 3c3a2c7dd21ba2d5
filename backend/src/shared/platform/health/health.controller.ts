import { Controller, Get, Inject, Res } from '@nestjs/common';
import { HealthResponse } from '@telemetryflow/contracts';
import type { FastifyReply } from 'fastify';
import { Public } from '../access.js';
import { HealthRegistry } from '../health-registry.js';
import { Describe } from '../openapi.js';
import { RUNTIME, type Runtime } from '../runtime.js';

/** Probes of orchestrators and load balancers; every one answers without authentication. */
@Controller('health')
export class HealthController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: Runtime,
    private readonly registry: HealthRegistry,
  ) {}

  @Get()
  @Public()
  @Describe({ summary: 'Whether the process serves', tag: 'Platform', response: HealthResponse })
  health(): HealthResponse {
    return this.#answer('ok');
  }

  @Get('live')
  @Public()
  @Describe({ summary: 'Liveness: the event loop turns', tag: 'Platform', response: HealthResponse })
  live(): HealthResponse {
    return this.#answer('ok');
  }

  /** Serves only after configuration, migrations and modules are settled, so an answer means they are. */
  @Get('startup')
  @Public()
  @Describe({
    summary: 'Start-up: configuration is valid and migrations ran',
    tag: 'Platform',
    response: HealthResponse,
  })
  startup(): HealthResponse {
    return this.#answer('ok');
  }

  /** 503 when something this node can't do without is away. */
  @Get('ready')
  @Public()
  @Describe({ summary: 'Readiness, with each dependency', tag: 'Platform', response: HealthResponse })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthResponse> {
    const { dependencies, criticalDown } = await this.registry.run();
    if (criticalDown) void reply.status(503);
    const degraded = Object.values(dependencies).some(({ status }) => status === 'down');
    return { ...this.#answer(criticalDown ? 'down' : degraded ? 'degraded' : 'ok'), dependencies };
  }

  #answer(status: HealthResponse['status']): HealthResponse {
    return {
      status,
      service: 'telemetryflow',
      version: this.runtime.version,
      timestamp: new Date().toISOString(),
      uptimeSeconds: Math.round(process.uptime()),
    };
  }
}
