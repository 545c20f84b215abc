/// Kafka to Kafka: counts each event once per hour, however often and however late it is sent.
///
/// ```
/// events ──EventReader──▶ shard ──ShardCounting────┬──────▶ merge ──Merging──▶ RollupEmitter ──▶ rollups.hourly
///                               (events, users)   │         ▲
///                                                 ▼         │
///                                              sessions ──SessionCounting
/// ```
///
/// Beside it, an application of its own counts who comes back:
///
/// ```
/// events ──ActivityReader──┬──▶ activity ──UserActivityProcessor──▶ cells ──CellEmitter──▶ retention.cohorts
/// erasures ─ErasureReader──┘
/// ```
///
/// Each `──▶ name` is a repartition with a fixed number of partitions, so `events` can be given
/// more at any time. Each counting step hands on one record per hour and commit ({@link
/// io.tidemill.rollup.OncePerCommit}), inside the commit: what was read, what is remembered and
/// what was handed on are one Kafka transaction.
@NullMarked
package io.tidemill.rollup;

import org.jspecify.annotations.NullMarked;
