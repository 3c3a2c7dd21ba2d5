import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { AuthenticatedRequest } from '../request-context.js';
import { currentScope } from '../request-scope.js';

/** Once the guard has let a caller in, log lines of the request name the tenant and user. */
@Injectable()
export class ScopeInterceptor implements NestInterceptor {
  intercept(execution: ExecutionContext, next: CallHandler): ReturnType<CallHandler['handle']> {
    const { requestContext } = execution.switchToHttp().getRequest<AuthenticatedRequest>();
    const scope = currentScope();
    if (scope !== undefined && requestContext !== undefined) {
      scope.tenantId = requestContext.tenantId;
      if (requestContext.actor.type !== 'system') scope.actorId = requestContext.actor.id;
    }
    return next.handle();
  }
}
