import { expect, it } from 'vitest';
import { HealthRegistry } from './health-registry.js';

it('checks once for all who ask at the same time, and anew for who asks later', async () => {
  const registry = new HealthRegistry();
  let checks = 0;
  registry.register({
    name: 'store',
    critical: true,
    check: async () => {
      checks += 1;
      await new Promise((resolve) => setImmediate(resolve));
    },
  });
  const answers = await Promise.all(Array.from({ length: 50 }, () => registry.run()));
  expect(checks).toBe(1);
  expect(new Set(answers).size).toBe(1);
  await registry.run();
  expect(checks).toBe(2);
});

it('tells a dependency that is down by the code of its error, never by its words', async () => {
  const registry = new HealthRegistry();
  const error = Object.assign(new Error('postgres://user:secret@host'), { code: 'ECONNREFUSED' });
  registry.register({ name: 'store', critical: true, check: () => Promise.reject(error) });
  expect(await registry.run()).toMatchObject({
    criticalDown: true,
    dependencies: { store: { status: 'down', detail: 'ECONNREFUSED' } },
  });
});
