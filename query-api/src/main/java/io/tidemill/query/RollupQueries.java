package io.tidemill.query;

import io.r2dbc.spi.Connection;
import io.r2dbc.spi.Readable;
import io.r2dbc.spi.Statement;
import io.tidemill.contract.JsonText;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/// Reads `analytics.hourly_rollups`, and what belongs to an answer on them.
final class RollupQueries {

    private static final long MAX_BYTES = 32 << 20;

    /// One hour, its counts as the JSON objects that the table holds.
    record Hour(
            Instant start,
            long totalEvents,
            long uniqueSessions,
            long uniqueUsers,
            JsonText eventCounts,
            JsonText toolUsage,
            JsonText riskDistribution) {

        private int bytes() {
            return eventCounts.utf8().length
                    + toolUsage.utf8().length
                    + riskDistribution.utf8().length;
        }
    }

    /// Sessions and users that occur in a range, each counted once: exact up to 1,000.
    record Uniques(long sessions, long users) {}

    /// Hours of a range, newest first, and what holds for all of them.
    ///
    /// @param completeThrough every event acknowledged before this instant is counted; null before
    ///   the first such instant is known
    record Answer(
            TimeRange range, List<Hour> hours, Uniques uniques, @Nullable Instant completeThrough) {

        Answer {
            hours = List.copyOf(hours);
        }

        long totalEvents() {
            return hours.stream().mapToLong(Hour::totalEvents).sum();
        }
    }

    /// Everything about the hours whose start lies in the range.
    Mono<Answer> answer(Connection connection, String project, TimeRange range) {
        TimeRange whole = range.ofHourStarts();
        // One after the other: a connection runs one statement at a time.
        return hours(connection, project, whole)
                .zipWhen(_ -> uniques(connection, project, whole))
                .zipWhen(_ -> completeThrough(connection, project, whole).singleOptional())
                .map(answers ->
                        new Answer(
                                whole,
                                answers.getT1().getT1(),
                                answers.getT1().getT2(),
                                answers.getT2().orElse(null)));
    }

    private static final String HOURS =
            """
            SELECT hour, total_events, unique_sessions, unique_users,
                   event_counts, tool_usage, risk_distribution
              FROM analytics.hourly_rollups
             WHERE project_id = $1 AND hour >= $2 AND hour < $3
             ORDER BY hour DESC
            """;

    private Mono<List<Hour>> hours(Connection connection, String project, TimeRange range) {
        return Flux.from(bind(connection.createStatement(HOURS), project, range).execute())
                .concatMap(result -> result.map(RollupQueries::hour))
                .collect(BoundedHours::new, BoundedHours::offer)
                .map(BoundedHours::hours);
    }

    /// Holds hours up to a size. It takes all that are offered, since a statement must run to its
    /// end, but drops what is too much.
    private static final class BoundedHours {

        private final List<Hour> hours = new ArrayList<>();
        private long bytes;

        void offer(Hour hour) {
            bytes += hour.bytes();
            if (bytes <= MAX_BYTES) {
                hours.add(hour);
            }
        }

        List<Hour> hours() {
            if (bytes > MAX_BYTES) {
                throw new AnswerTooLargeException();
            }
            return hours;
        }
    }

    /// The hours asked for hold more than is answered at once.
    static final class AnswerTooLargeException extends RuntimeException {}

    /// Exact up to 1,000, beyond that merged sketches: no scan of raw rows, whatever the range.
    private static final String UNIQUES =
            "SELECT analytics.unique_sessions($1, $2, $3), analytics.unique_users($1, $2, $3)";

    private Mono<Uniques> uniques(Connection connection, String project, TimeRange range) {
        return Flux.from(bind(connection.createStatement(UNIQUES), project, range).execute())
                .concatMap(result -> result.map(RollupQueries::uniques))
                .single();
    }

    /// An hour that waits for its recomputation holds every range that touches it.
    private static final String COMPLETE_THROUGH =
            """
            SELECT least(complete_through,
                         (SELECT min(held.complete_through)
                            FROM pipeline.held_hours AS held
                           WHERE held.project_id = $1 AND held.hour >= $2 AND held.hour < $3))
              FROM pipeline.completeness
            """;

    private Mono<Instant> completeThrough(Connection connection, String project, TimeRange range) {
        Statement statement = connection.createStatement(COMPLETE_THROUGH);
        return Flux.from(bind(statement, project, range).execute())
                .concatMap(result -> result.map(row -> required(row, 0, Instant.class)))
                .singleOrEmpty();
    }

    private static Statement bind(Statement statement, String project, TimeRange range) {
        return statement.bind("$1", project).bind("$2", range.from()).bind("$3", range.to());
    }

    private static Hour hour(Readable row) {
        return new Hour(
                required(row, 0, Instant.class),
                required(row, 1, Long.class),
                required(row, 2, Long.class),
                required(row, 3, Long.class),
                JsonText.ofUtf8(required(row, 4, byte[].class)),
                JsonText.ofUtf8(required(row, 5, byte[].class)),
                JsonText.ofUtf8(required(row, 6, byte[].class)));
    }

    private static Uniques uniques(Readable row) {
        return new Uniques(required(row, 0, Long.class), required(row, 1, Long.class));
    }

    private static <T> T required(Readable row, int column, Class<T> type) {
        return Objects.requireNonNull(row.get(column, type), "a column that is never null");
    }
}
