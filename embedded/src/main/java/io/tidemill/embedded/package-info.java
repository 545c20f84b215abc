/// A real Kafka and a real Postgres for one machine, without anything installed.
///
/// ```
/// EmbeddedKafka ────▶ broker and controller in this JVM      <data>/kafka
/// EmbeddedPostgres ─▶ PostgresCluster ─▶ initdb, pg_ctl     <data>/postgres
///                     PostgresBinaries (unpacked once)
/// both: DirectoryLock (one owner at a time) and a port of 127.0.0.1
/// ```
@NullMarked
package io.tidemill.embedded;

import org.jspecify.annotations.NullMarked;
