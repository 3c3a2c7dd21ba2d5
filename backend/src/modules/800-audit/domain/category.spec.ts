import { expect, it } from 'vitest';
import { categoryOf } from './category.js';

it.each([
  ['auth.login_failed', 'auth'],
  ['user.created', 'data'],
  ['user.role_assigned', 'authz'],
  ['user.permission_granted', 'authz'],
  ['role.updated', 'authz'],
  ['api_key.rotated', 'authz'],
  ['security.access_denied', 'authz'],
  ['audit.exported', 'data'],
  ['audit.retention_changed', 'system'],
  ['queue.paused', 'system'],
  ['organization.created', 'data'],
  ['something.new', 'data'],
])('%s is of the category %s', (action, category) => expect(categoryOf(action)).toBe(category));
