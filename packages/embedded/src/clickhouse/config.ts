const MIB = 1024 ** 2;
/** Share of the memory limit that one query may take: what is left lets inserts and merges go on beside it. */
const PER_QUERY_SHARE = 0.7;

/**
 * The engine's configuration file. No `system.*_log` tables are declared, so none is written. Inserts are
 * synced to disk before they are acknowledged. Background work is sized for a small machine.
 *
 * Merges cost more than inserts do. Left to itself an idle engine merges whatever there is as soon as there are two
 * parts, and a row is written anew again and again; it waits for eight here, which a table of a few dozen parts does not
 * feel, and as many merges as there are threads run at once (ADR 0008).
 */
export function engineConfig(memoryLimitBytes: number): string {
  const settings: Record<string, string | number> = {
    max_server_memory_usage: memoryLimitBytes,
    mark_cache_size: Math.round(memoryLimitBytes / 16),
    uncompressed_cache_size: 0,
    query_cache_size: 0,
    index_mark_cache_size: Math.round(memoryLimitBytes / 64),
    primary_index_cache_size: Math.round(memoryLimitBytes / 64),
    query_condition_cache_size: 16 * MIB,
    compiled_expression_cache_size: 32 * MIB,
    background_pool_size: 2,
    background_merges_mutations_concurrency_ratio: 1,
    background_schedule_pool_size: 1,
    background_message_broker_schedule_pool_size: 1,
    background_distributed_schedule_pool_size: 1,
    background_streaming_schedule_pool_size: 1,
    asynchronous_metrics_update_period_s: 60,
    asynchronous_heavy_metrics_update_period_s: 86_400,
    // Ten times a second by default: a quarter of what the idle engine uses.
    memory_worker_period_ms: 500,
    global_profiler_real_time_period_ns: 0,
    global_profiler_cpu_time_period_ns: 0,
  };
  const lines = Object.entries(settings).map(([name, value]) => `  <${name}>${value}</${name}>`);
  return `<clickhouse>
  <logger><level>none</level></logger>
${lines.join('\n')}
  <merge_tree>
    <fsync_after_insert>1</fsync_after_insert>
    <fsync_part_directory>1</fsync_part_directory>
    <min_parts_to_merge_at_once>8</min_parts_to_merge_at_once>
    <merge_selector_base>10</merge_selector_base>
  </merge_tree>
</clickhouse>
`;
}

/** Settings that every request starts from; the request's own come after and win. */
export function defaultSettings(memoryLimitBytes: number): Record<string, string> {
  return { max_memory_usage: String(Math.round(memoryLimitBytes * PER_QUERY_SHARE)) };
}
