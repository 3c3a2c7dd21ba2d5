-- The audit trail. A row is written once; an erasure writes it again with a higher version and takes the older one away.
-- sequence, hash and previous_hash chain the entries of an organization; the ledger beside them is in PostgreSQL
-- (audit_chain). Personal data is covered by two salted digests, of the actor's and of the subject's, so that it can be
-- erased without breaking the chain. before, after and details are canonical JSON; '' means none. The nil UUID means none.
--
-- The retention of each organization deletes rows and moves the anchor of its chain; the TTL only ends what the longest
-- policy (3650 days) would have ended.

CREATE TABLE IF NOT EXISTS audit_logs {{on_cluster}}
(
    organization_id UUID,
    sequence        UInt64 CODEC(Delta, ZSTD(1)),
    event_id        UUID,
    at              DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    action          LowCardinality(String),
    category        LowCardinality(String),
    result          LowCardinality(String),
    actor_type      LowCardinality(String),
    actor_id        String CODEC(ZSTD(1)),
    actor_name      String CODEC(ZSTD(1)),
    ip              String CODEC(ZSTD(1)),
    user_agent      String CODEC(ZSTD(1)),
    actor_salt      String,
    actor_digest    String,
    resource_type   LowCardinality(String),
    resource_id     String CODEC(ZSTD(1)),
    resource_name   String CODEC(ZSTD(1)),
    before          String CODEC(ZSTD(1)),
    after           String CODEC(ZSTD(1)),
    details         String CODEC(ZSTD(1)),
    subject_salt    String,
    subject_digest  String,
    workspace_id    UUID,
    tenant_id       UUID,
    request_id      String CODEC(ZSTD(1)),
    session_id      String CODEC(ZSTD(1)),
    previous_hash   String,
    hash            String,
    version         UInt32,
    INDEX idx_event event_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_at at TYPE minmax GRANULARITY 1,
    INDEX idx_actor actor_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_resource resource_id TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = {{engine:ReplacingMergeTree(version)}}
PARTITION BY toYYYYMM(at)
ORDER BY (organization_id, sequence)
TTL toDateTime(at) + INTERVAL 3700 DAY;
