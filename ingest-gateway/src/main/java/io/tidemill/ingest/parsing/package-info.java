/// From the bytes of a body to one verdict per event: all rules for events, and nothing but rules.
///
/// ```
/// body ─▶ EventParser ─▶ EventReader ── EventFields ─▶ EventRules ─▶ Verdict
///         forms, lines   one event,     what was       who, when,     accepted,
///                        ValueCheck     sent           which          skipped, rejected
/// ```
///
/// No I/O, no threads, no clock.
@NullMarked
package io.tidemill.ingest.parsing;

import org.jspecify.annotations.NullMarked;
