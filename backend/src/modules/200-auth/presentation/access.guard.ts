import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import {
  ACCESS,
  type Access,
  type AuthenticatedRequest,
  currentScope,
  type Duty,
  holds,
  OPEN_BEFORE,
  PermissionDeniedError,
  type RequestContext,
} from '../../../shared/platform/index.js';
import { Authenticator } from '../application/authenticator.js';
import { Refusals } from './refusals.js';
import { originOf } from './request-origin.js';

/**
 * Stands before every route, closed by default: a route that says nothing about access is refused to everyone, signed
 * in or not.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticator: Authenticator,
    private readonly refusals: Refusals,
  ) {}

  /**
   * @throws UnauthenticatedError without a valid credential
   * @throws DomainError AUTH_PASSWORD_CHANGE_REQUIRED, AUTH_MFA_ENROLMENT_REQUIRED where that has to come first
   * @throws PermissionDeniedError when the caller's roles lack what the route demands
   */
  async canActivate(execution: ExecutionContext): Promise<boolean> {
    const access = this.reflector.getAllAndOverride<Access | undefined>(ACCESS, [
      execution.getHandler(),
      execution.getClass(),
    ]);
    if (access?.kind === 'public') return true;
    const request = execution.switchToHttp().getRequest<FastifyRequest & AuthenticatedRequest>();
    const openBefore = this.reflector.get<readonly Duty[] | undefined>(OPEN_BEFORE, execution.getHandler()) ?? [];
    try {
      const context = await this.authenticator.authenticate(request.headers, originOf(request), openBefore);
      request.requestContext = context;
      assertAllowed(access, context);
      tellScope(context);
      return true;
    } catch (error) {
      await this.refusals.record(error, request);
      throw error;
    }
  }
}

/** Log lines and traces of the request say whose it is. */
function tellScope({ tenantId, actor }: RequestContext): void {
  const scope = currentScope();
  if (!scope) return;
  scope.tenantId = tenantId;
  if (actor.type === 'user') scope.userId = actor.id;
}

function assertAllowed(access: Access | undefined, context: RequestContext): void {
  if (access?.kind === 'permission' && holds(context, access.permission)) return;
  // It only concerns the person who is signed in; a program has nothing there.
  if (access?.kind === 'authenticated' && context.actor.type === 'user') return;
  throw new PermissionDeniedError(access?.kind === 'permission' ? access.permission : 'of a signed-in person');
}
