import { UnauthenticatedError, type RequestContext } from '../../../shared/platform/index.js';

export interface Person {
  readonly userId: string;
  readonly sessionId: string;
}

/** @throws UnauthenticatedError for a program: it has no account of its own */
export function personOf({ actor }: RequestContext): Person {
  if (actor.type !== 'user') throw new UnauthenticatedError('Only a signed-in person has an account');
  return { userId: actor.id, sessionId: actor.sessionId };
}
