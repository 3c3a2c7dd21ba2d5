import { TestPlatform } from '../backend/test/support/platform.ts';
import { sendShopTelemetry } from './support/telemetry.ts';

/** Starts one server for all browser tests and fills it with a known small history. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  const platform = await TestPlatform.start();
  const key = await platform.developmentKey();
  process.env.TF_URL = platform.url;
  process.env.TF_OTLP_URL = platform.otlpHttpUrl;
  process.env.TF_KEY = JSON.stringify(key);
  await sendShopTelemetry(platform.otlpHttpUrl, key);
  return () => platform.dispose();
}
