/// Kafka to Postgres: rows and the offsets they came from in one transaction.
///
/// ```
/// topics events, rollups.hourly, rollups.dirty, retention.cohorts
///    │ one thread
/// RecordBatches ── PartitionBuffer ── a batch per partition, one at a time
///    │
/// BatchWriter: one transaction ┬ OffsetTable         compare-and-set of the offset, first
///    │                         ├ RawEventTable       COPY, or through a stage on conflicts
///    │                         ├ RollupTable         guarded by revision
///    │                         ├ CohortTable         guarded by revision
///    │                         └ RejectedEventTable  what Postgres or the codec refused
///    └─ the stored offset, or the one somebody else stored ──▶ RecordBatches
///
/// CompleteThrough  watches positions, stores the instant before which everything is counted
/// Reconciliation   compares rollups with a GROUP BY over the raw rows
/// ```
@NullMarked
package io.tidemill.sink;

import org.jspecify.annotations.NullMarked;
