import { defineConfig } from 'vitest/config';

/** One runner for every server-side test; the browser tests live in e2e/ under Playwright. */
export default defineConfig({
  // Nest's decorators and their type metadata; the spec files are outside the build's tsconfig.
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source', 'node', 'default'] } },
  test: {
    include: [
      'packages/*/src/**/*.spec.ts',
      'backend/src/**/*.spec.ts',
      'backend/test/**/*.spec.ts',
      'frontend/src/**/*.spec.ts',
      'demo/src/**/*.spec.ts',
    ],
    testTimeout: 30_000,
    hookTimeout: 120_000,
    // A busy machine takes its time; whoever waits for a condition waits longer than the usual second.
    expect: { poll: { timeout: 10_000 } },
    pool: 'forks',
    maxWorkers: 2,
  },
});
