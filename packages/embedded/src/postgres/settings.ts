import { totalmem } from 'node:os';

const MIB = 1024 * 1024;

/**
 * Settings of the server, given on its command line so that an update of this package changes them.
 * Durable (`fsync` stays on), modest in memory, and quiet while nothing happens.
 */
export function serverSettings(port: number): Record<string, string> {
  const memory = totalmem();
  const small = memory < 4096 * MIB;
  return {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '', // their paths may not exceed 107 bytes
    password_encryption: 'scram-sha-256',
    max_connections: '100',
    shared_buffers: small ? '64MB' : '128MB',
    effective_cache_size: `${Math.round(memory / MIB / 4)}MB`,
    work_mem: '8MB',
    maintenance_work_mem: '64MB',
    max_wal_size: '512MB',
    min_wal_size: '64MB',
    wal_compression: 'on',
    // Not minimal: that loses what a sequence handed out if it was created in the same transaction, and a crash follows.
    wal_level: 'replica',
    max_wal_senders: '0',
    checkpoint_timeout: '15min',
    jit: 'off',
    io_method: 'sync', // no I/O worker processes
    max_worker_processes: '4',
    max_parallel_workers: '2',
    max_parallel_workers_per_gather: '1',
    max_logical_replication_workers: '0',
    autovacuum_naptime: '1min',
    autovacuum_worker_slots: '4',
    autovacuum_max_workers: '2',
    bgwriter_delay: '1s',
    dynamic_shared_memory_type: 'mmap', // /dev/shm is 64 MB in a container
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_destination: 'stderr',
    logging_collector: 'off',
    log_line_prefix: '',
    log_checkpoints: 'off',
    log_min_messages: 'warning',
    log_min_error_statement: 'panic', // statements may hold what does not belong in a log
    idle_in_transaction_session_timeout: '5min',
    restart_after_crash: 'on',
  };
}

const LEVELS: ReadonlyArray<readonly [RegExp, 'debug' | 'info' | 'warn' | 'error']> = [
  [
    /^FATAL: .*(starting up|shutting down|recovery mode|not yet accepting|administrator command|unexpected postmaster exit)/,
    'debug',
  ],
  [/^(PANIC|FATAL):/, 'error'], // an ERROR is one statement's; its client is told
  [/^WARNING:/, 'warn'],
];

/** Log level of a line of the server. */
export function levelOfLine(line: string): 'debug' | 'info' | 'warn' | 'error' {
  return LEVELS.find(([pattern]) => pattern.test(line))?.[1] ?? 'debug';
}
