import { Controller, Get, Inject } from '@nestjs/common';
import { PublicConfig } from '@telemetryflow/contracts';
import { Public } from '../access.js';
import { Endpoints } from '../endpoints.js';
import { Describe } from '../openapi.js';
import { RUNTIME, type Runtime } from '../runtime.js';
import { SeedLogins } from '../seed-logins.js';

/** What the browser has to know before anyone has logged in. */
@Controller('api/v2/config')
export class ConfigController {
  constructor(
    @Inject(RUNTIME) private readonly runtime: Runtime,
    private readonly endpoints: Endpoints,
    private readonly seedLogins: SeedLogins,
  ) {}

  @Get()
  @Public()
  @Describe({ summary: 'Public settings of this platform', tag: 'Platform', response: PublicConfig })
  config(): PublicConfig {
    const { otlpHttpUrl, otlpGrpcUrl } = this.endpoints.addresses;
    return {
      version: this.runtime.version,
      environment: this.runtime.config.NODE_ENV,
      otlpHttpEndpoint: otlpHttpUrl,
      otlpGrpcEndpoint: otlpGrpcUrl,
      seedLogins: this.runtime.config.NODE_ENV === 'development' ? [...this.seedLogins.list] : [],
    };
  }
}
