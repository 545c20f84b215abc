package io.tidemill.ingest.parsing;

import io.tidemill.contract.Event;
import org.jspecify.annotations.Nullable;

/// What becomes of one event of a request.
public sealed interface Verdict {

    /// Valid: to be published; and in an answer, known to be durable.
    record Accepted(Event event) implements Verdict {}

    /// Valid, and the same event as an earlier one of this request: not published again.
    record Skipped(Event event) implements Verdict {}

    /// Valid, but nobody knows whether it became durable.
    record NotDurable(Event event) implements Verdict {}

    /// Not valid.
    ///
    /// @param field the field it is about; null when it is about none
    /// @param detail one sentence for people
    record Rejected(Rejection rejection, @Nullable String field, String detail)
            implements Verdict {}
}
