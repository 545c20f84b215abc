/// Answers analysts' questions from Postgres, as JSON.
///
/// ```
/// GET ──▶ QueryRoutes ──▶ Questions ──QueryParameters, TimeRange, EventCursor──┐
///             ▲               ▲                                                ▼
///             │               └──AnswerWriter── EventQueries, RollupQueries ──Snapshots──▶ Postgres
///             └── Refusal: why there is no answer
/// ```
///
/// Reads only. A question never waits on a thread, and one that costs too much is ended by the
/// server and answered with what to narrow.
@NullMarked
package io.tidemill.query;

import org.jspecify.annotations.NullMarked;
