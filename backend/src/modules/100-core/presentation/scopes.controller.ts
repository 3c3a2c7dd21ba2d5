import { Controller, Get } from '@nestjs/common';
import { ScopeTree } from '@telemetryflow/contracts';
import { Authenticated, Context, Describe, type RequestContext } from '../../../shared/platform/index.js';
import { VisibleScopes } from '../application/visible-scopes.js';

@Controller('api/v2/scopes')
export class ScopesController {
  constructor(private readonly scopes: VisibleScopes) {}

  @Get()
  @Authenticated()
  @Describe({
    summary: 'Organizations, workspaces and tenants the caller may see',
    tag: 'Identity',
    response: ScopeTree,
  })
  list(@Context() context: RequestContext): Promise<ScopeTree> {
    return this.scopes.of(context);
  }
}
