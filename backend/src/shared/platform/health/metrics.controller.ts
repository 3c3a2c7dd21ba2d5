import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Public } from '../access.js';
import { MetricsRegistry } from '../metrics-registry.js';
import { Describe } from '../openapi.js';

/** Prometheus exposition of the node's own metrics. */
@Controller('metrics')
export class MetricsController {
  constructor(private readonly metrics: MetricsRegistry) {}

  @Get()
  @Public()
  @Describe({ summary: 'Metrics of this node as Prometheus text', tag: 'Platform' })
  async scrape(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    void reply.type(this.metrics.contentType);
    return this.metrics.text();
  }
}
