import { tryResolveLibchdb } from 'chdb/libchdb';
import { nativeDir, postgresPackage } from './postgres/binaries.js';

/** Whether the engines can run on this machine; `reason` says what is missing. Loads neither of them. */
export function embeddedSupported(): { clickhouse: boolean; postgres: boolean; reason?: string } {
  const clickhouse = tryResolveLibchdb() !== undefined;
  const postgres = nativeDir() !== undefined;
  const reasons = [
    ...(clickhouse ? [] : [`chDB has no library for ${process.platform}-${process.arch} here; set CLICKHOUSE_URL.`]),
    ...(postgres ? [] : [`The package ${postgresPackage()} is not installed; set DATABASE_URL.`]),
  ];
  return { clickhouse, postgres, ...(reasons.length > 0 && { reason: reasons.join(' ') }) };
}
