import { defineConfig, mergeConfig } from 'vitest/config';
import shared from '../vitest.config.js';

/** The tests of `npm run interop`: apart from `npm test`, because what they run comes over the network. */
const config = mergeConfig(shared, defineConfig({ test: { testTimeout: 180_000, retry: 0 } }));
if (config.test) config.test.include = ['interop/**/*.spec.ts'];
export default config;
