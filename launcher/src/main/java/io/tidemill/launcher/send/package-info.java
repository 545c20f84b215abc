/// `tidemill send`: files of events through the HTTP API.
///
/// ```
/// EventFile ──bytes──▶ EventText ──shifted, with id and time──▶ EventSender ──▶ POST /api/events
///                                                                    └──verdicts──▶ SendTally
/// ```
@NullMarked
package io.tidemill.launcher.send;

import org.jspecify.annotations.NullMarked;
