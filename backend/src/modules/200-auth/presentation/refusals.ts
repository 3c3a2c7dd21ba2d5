import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { catchError, type Observable } from 'rxjs';
import type { ActOrigin } from '../../../shared/platform/database/index.js';
import { type AuthenticatedRequest, DomainError } from '../../../shared/platform/index.js';
import { ForeignPlaceError, KeyRefusedError } from '../application/authenticator.js';
import { type DeniedRequest, DeniedRequests } from '../application/denied-requests.js';
import { originOf } from './request-origin.js';

type Request = FastifyRequest & AuthenticatedRequest;
const MAX_PATH = 300;

/** Has the trail hear of requests that were refused, by the guard or, where only it can judge, by a use case. */
@Injectable()
export class Refusals implements NestInterceptor {
  constructor(private readonly denied: DeniedRequests) {}

  intercept(execution: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      catchError(async (error: unknown): Promise<never> => {
        await this.record(error, execution.switchToHttp().getRequest<Request>());
        throw error;
      }),
    );
  }

  /** Errors that are no refusal are none of its business. */
  async record(error: unknown, request: Request): Promise<void> {
    const refusal = refusalOf(error, request);
    if (!refusal) return;
    const { method, url, routeOptions } = request;
    await this.denied.note(refusal.by, {
      method,
      route: routeOptions.url ?? '',
      path: (url.split('?', 1)[0] ?? '').slice(0, MAX_PATH),
      reason: refusal.reason,
      detail: refusal.detail,
    });
  }
}

function refusalOf(
  error: unknown,
  request: Request,
): { readonly by: ActOrigin; readonly reason: DeniedRequest['reason']; readonly detail: string } | null {
  if (!(error instanceof DomainError)) return null;
  const origin = originOf(request);
  const detail = error.message;
  if (error instanceof ForeignPlaceError) {
    const { actor, home } = error;
    return { by: { ...origin, actor, ...home }, reason: 'place', detail };
  }
  if (error instanceof KeyRefusedError) return { by: origin, reason: 'api-key', detail };
  if (error.code !== 'PERMISSION_DENIED') return null;
  return { by: request.requestContext ?? origin, reason: 'permission', detail };
}
