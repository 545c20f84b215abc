/// What tests share.
///
/// ```
/// TestKafka, TestPostgres ── one real server each per JVM, embedded or in containers
/// Events ─────────────────── fixtures: a test shows only the values it is about
/// GroupBy ────────────────── what every rollup must equal
/// ```
@NullMarked
package io.tidemill.testkit;

import org.jspecify.annotations.NullMarked;
