/// The command line, and the whole pipeline in one process.
///
/// ```
/// tidemill up  ──▶ Up ──▶ embedded Kafka and Postgres ──▶ Pipeline (all parts) ──▶ HttpFront
/// tidemill run ──▶ Run ──────────────────────────────────▶ Pipeline (some) ──────▶ HttpFront
/// ```
@NullMarked
package io.tidemill.launcher;

import org.jspecify.annotations.NullMarked;
