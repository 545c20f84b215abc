package io.tidemill.guarantees.history;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A request as the history tells it.
///
/// @param sentAtMillis when it was begun, by the sender's clock
/// @param endedAtMillis when it ended; null when the sender did not live to see it
public record Request(
        long sentAtMillis, @Nullable Long endedAtMillis, List<SentEvent> events, Answer answer) {

    public Request {
        events = List.copyOf(events);
        if (answer.outcomes().size() != events.size()) {
            throw new IllegalArgumentException("not as many outcomes as events");
        }
    }

    /// Its events one by one.
    public Stream<Attempt> attempts() {
        return IntStream.range(0, events.size())
                .mapToObj(i -> {
                    SentEvent event = events.get(i);
                    String told = answer.eventIds().get(i);
                    return new Attempt(
                            event,
                            event.eventId() != null ? event.eventId() : told,
                            answer.outcomes().get(i));
                });
    }
}
