import { Controller, Get, Param, Query } from '@nestjs/common';
import {
  RangeQuery,
  ServiceErrorsResponse,
  ServiceInfrastructureResponse,
  ServiceMapResponse,
  ServicesResponse,
  ServiceVersionsResponse,
} from '@telemetryflow/contracts';
import { Describe, RequirePermission } from '../../../../shared/platform/index.js';
import { ServiceMapReader } from '../readers/service-map-reader.js';
import { ServicePageReader } from '../readers/service-page-reader.js';
import { ServiceReader } from '../readers/service-reader.js';
import type { ReadScope } from '../store.js';
import { Reading } from './reading.js';

@Controller('api/v2/telemetry')
export class ServicesController {
  constructor(
    private readonly services: ServiceReader,
    private readonly maps: ServiceMapReader,
    private readonly pages: ServicePageReader,
  ) {}

  @Get('services')
  @RequirePermission('traces:read')
  @Describe({ summary: 'List services', tag: 'Telemetry', query: RangeQuery, response: ServicesResponse })
  listServices(@Query({ schema: RangeQuery }) query: RangeQuery, @Reading() scope: ReadScope) {
    return this.services.list(query, scope);
  }

  @Get('service-map')
  @RequirePermission('traces:read')
  @Describe({ summary: 'Get who calls whom', tag: 'Telemetry', query: RangeQuery, response: ServiceMapResponse })
  getServiceMap(@Query({ schema: RangeQuery }) query: RangeQuery, @Reading() scope: ReadScope) {
    return this.maps.read(query, scope);
  }

  @Get('services/:service/errors')
  @RequirePermission('traces:read')
  @Describe({
    summary: 'List the errors of a service',
    tag: 'Telemetry',
    query: RangeQuery,
    response: ServiceErrorsResponse,
  })
  listServiceErrors(
    @Param('service') service: string,
    @Query({ schema: RangeQuery }) query: RangeQuery,
    @Reading() scope: ReadScope,
  ) {
    return this.pages.errors(service, query, scope);
  }

  @Get('services/:service/versions')
  @RequirePermission('traces:read')
  @Describe({
    summary: 'List the versions of a service',
    tag: 'Telemetry',
    query: RangeQuery,
    response: ServiceVersionsResponse,
  })
  listServiceVersions(
    @Param('service') service: string,
    @Query({ schema: RangeQuery }) query: RangeQuery,
    @Reading() scope: ReadScope,
  ) {
    return this.pages.versions(service, query, scope);
  }

  @Get('services/:service/infrastructure')
  @RequirePermission('metrics:read')
  @Describe({
    summary: 'List the metrics of where a service runs',
    tag: 'Telemetry',
    query: RangeQuery,
    response: ServiceInfrastructureResponse,
  })
  listServiceInfrastructure(
    @Param('service') service: string,
    @Query({ schema: RangeQuery }) query: RangeQuery,
    @Reading() scope: ReadScope,
  ) {
    return this.pages.infrastructure(service, query, scope);
  }
}
