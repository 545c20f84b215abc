/// What travels between the parts: events, rollups, their keys and their bytes.
///
/// ```
/// Event ──EventCodec──▶ topic events        HourlyRollup ──RollupCodec──▶ topic rollups.hourly
///                                     DirtyHour ───DirtyHourCodec──▶ topic rollups.dirty
/// Erasure ──ErasureCodec──▶ topic erasures   CohortCount ──CohortCodec──▶ topic retention.cohorts
/// ```
///
/// Pure: no I/O, no threads, no clock, no logging.
@NullMarked
package io.tidemill.contract;

import org.jspecify.annotations.NullMarked;
