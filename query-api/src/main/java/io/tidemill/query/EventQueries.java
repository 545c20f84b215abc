package io.tidemill.query;

import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Readable;
import io.r2dbc.spi.Statement;
import io.tidemill.contract.Event;
import io.tidemill.contract.JsonText;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/// Reads `analytics.events`.
final class EventQueries {

    /// What events must equal; null for anything.
    ///
    /// @param search text that one of the event's own texts holds, whatever the case; null for any
    record Filter(
            @Nullable String eventType,
            @Nullable String userId,
            @Nullable String sessionId,
            @Nullable String search) {

        static final Filter NONE = new Filter(null, null, null, null);
    }

    // The key serves this backwards. The bound on timestamp alone lets Postgres leave out
    // partitions.
    private static final String PAGE =
            """
            SELECT event_id, event_type, user_id, session_id, tool_name, action, demo_mode,
                   properties, metadata, prompt_text, ai_response,
                   timestamp, received_at, clock_offset_ms
              FROM analytics.events
             WHERE project_id = $1
               AND timestamp >= $2
               AND timestamp <= $3
               AND (timestamp, event_id) < ($3, $4)
               AND ($5::text IS NULL OR event_type = $5)
               AND ($6::text IS NULL OR user_id = $6)
               AND ($7::text IS NULL OR session_id = $7)
               AND ($8::text IS NULL OR strpos(lower(concat_ws(E'\\n', event_id, event_type, user_id,
                        session_id, tool_name, action, properties, prompt_text, ai_response)),
                        lower($8)) > 0)
             ORDER BY timestamp DESC, event_id DESC
             LIMIT $9
            """;

    /// One page of events, newest first.
    Mono<EventPage> page(
            Connection connection, String project, EventCursor after, Filter filter, int limit) {
        Statement statement =
                connection
                        .createStatement(PAGE)
                        .bind("$1", project)
                        .bind("$2", after.range().from())
                        .bind("$3", Instant.ofEpochMilli(after.timestampMillis()))
                        .bind("$4", after.eventId())
                        .bind("$9", limit + 1);
        return rows(bind(statement, filter, 5), project)
                .collect(() -> new EventPage(limit), EventPage::offer);
    }

    private static final String COUNT =
            """
            SELECT count(*)
              FROM analytics.events
             WHERE project_id = $1 AND timestamp >= $2 AND timestamp < $3
            """;

    /// How many events there are in a range.
    Mono<Long> count(Connection connection, String project, TimeRange range) {
        Statement statement =
                connection
                        .createStatement(COUNT)
                        .bind("$1", project)
                        .bind("$2", range.from())
                        .bind("$3", range.to());
        return single(statement);
    }

    private static final String COUNT_UP_TO =
            """
            SELECT count(*)
              FROM (SELECT
                      FROM analytics.events
                     WHERE project_id = $1
                       AND timestamp >= $2
                       AND timestamp < $3
                       AND ($4::text IS NULL OR event_type = $4)
                       AND ($5::text IS NULL OR user_id = $5)
                       AND ($6::text IS NULL OR session_id = $6)
                       AND ($7::text IS NULL OR strpos(lower(concat_ws(E'\\n', event_id, event_type,
                                user_id, session_id, tool_name, action, properties, prompt_text,
                                ai_response)), lower($7)) > 0)
                     LIMIT $8) AS counted
            """;

    /// How many events there are in a range, but no more than `most`: counting all of them may take
    /// too long.
    Mono<Long> countUpTo(
            Connection connection, String project, TimeRange range, Filter filter, int most) {
        Statement statement =
                connection
                        .createStatement(COUNT_UP_TO)
                        .bind("$1", project)
                        .bind("$2", range.from())
                        .bind("$3", range.to())
                        .bind("$8", most);
        return single(bind(statement, filter, 4));
    }

    private static final String BY_ID =
            """
            SELECT event_id, event_type, user_id, session_id, tool_name, action, demo_mode,
                   properties, metadata, prompt_text, ai_response,
                   timestamp, received_at, clock_offset_ms
              FROM analytics.events
             WHERE project_id = $1
               AND event_id = $2
               AND timestamp >= $3
               AND timestamp < $4
             ORDER BY timestamp DESC
             LIMIT 1
            """;

    /// The newest event of that id in a range; empty when there is none.
    Mono<Event> byId(Connection connection, String project, String eventId, TimeRange range) {
        Statement statement =
                connection
                        .createStatement(BY_ID)
                        .bind("$1", project)
                        .bind("$2", eventId)
                        .bind("$3", range.from())
                        .bind("$4", range.to());
        return rows(statement, project).singleOrEmpty();
    }

    private static Statement bind(Statement statement, Filter filter, int first) {
        @Nullable String[] values = {
            filter.eventType(), filter.userId(), filter.sessionId(), filter.search()
        };
        for (int i = 0; i < values.length; i++) {
            String value = values[i];
            if (value == null) {
                statement.bindNull("$" + (first + i), String.class);
            } else {
                statement.bind("$" + (first + i), value);
            }
        }
        return statement;
    }

    private static Mono<Long> single(Statement statement) {
        return Flux.from(statement.execute())
                .concatMap(result -> result.map(row -> required(row, 0, Long.class)))
                .single();
    }

    private static Flux<Event> rows(Statement statement, String project) {
        return Flux.from(statement.execute())
                .concatMap(result -> result.map(row -> event(row, project)));
    }

    private static Event event(Readable row, String project) {
        return new Event(
                project,
                required(row, 0, String.class),
                required(row, 1, String.class),
                row.get(2, String.class),
                row.get(3, String.class),
                row.get(4, String.class),
                row.get(5, String.class),
                required(row, 6, Boolean.class),
                json(row, 7),
                json(row, 8),
                row.get(9, String.class),
                row.get(10, String.class),
                required(row, 11, Instant.class).toEpochMilli(),
                required(row, 12, Instant.class).toEpochMilli(),
                row.get(13, Long.class));
    }

    private static @Nullable JsonText json(Readable row, int column) {
        byte[] utf8 = row.get(column, byte[].class);
        return utf8 == null ? null : JsonText.ofUtf8(utf8);
    }

    private static <T> T required(Readable row, int column, Class<T> type) {
        return Objects.requireNonNull(row.get(column, type), "a column that is never null");
    }
}
