package io.tidemill.sink;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import java.time.LocalDate;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import reactor.core.publisher.Mono;

/// The daily partitions of `analytics.events`: created ahead, and known, so that a batch needs to
/// ask only about days it meets for the first time. Any number of sinks may create them.
/// Thread-safe.
///
/// Days are counted from 1970-01-01, in UTC.
final class EventPartitions {

    static final long DAY_MILLIS = 86_400_000;

    /// Of those that are created before anybody needs them; the windows in force may allow more.
    static final int DAYS_BACK = 31;

    static final int DAYS_AHEAD = 7;

    private static final long FIRST_DAY = LocalDate.of(1, 1, 1).toEpochDay();
    private static final long LAST_DAY = LocalDate.of(9999, 12, 31).toEpochDay();

    private static final String PREPARE =
            "SELECT day - DATE '1970-01-01' AS day"
                    + " FROM pipeline.prepare_events_partitions($1::text[]::date[], $2) AS day";

    private static final String PREPARE_ALL =
            """
            SELECT day - DATE '1970-01-01' AS day
              FROM pipeline.prepare_events_partitions(
                       ARRAY(SELECT (pipeline.clock() AT TIME ZONE 'UTC')::date + n FROM generate_series(-$1, $2) AS n),
                       $2) AS day
            """;

    private final Transactions transactions;
    private final Set<Long> known = ConcurrentHashMap.newKeySet();

    EventPartitions(Transactions transactions) {
        this.transactions = transactions;
    }

    /// Creates what is missing around today.
    Mono<Void> prepareAll() {
        return transactions.run(EventPartitions::prepareAround).doOnNext(this::learn).then();
    }

    /// Of these days, those that have a partition, created now if need be and allowed.
    Mono<Set<Long>> prepare(Set<Long> days) {
        // Both sets are of one moment: what another batch forgets meanwhile must not look as if it
        // had no partition.
        Map<Boolean, Set<Long>> byKnown =
                days.stream()
                        .filter(day -> day >= FIRST_DAY && day <= LAST_DAY)
                        .collect(Collectors.partitioningBy(known::contains, Collectors.toSet()));
        Set<Long> existing = byKnown.getOrDefault(true, Set.of());
        Set<Long> unknown = byKnown.getOrDefault(false, Set.of());
        return unknown.isEmpty()
                ? Mono.just(existing)
                : transactions
                        .run(connection -> prepare(connection, unknown))
                        .doOnNext(this::learn)
                        .map(prepared -> union(existing, prepared));
    }

    /// Asks about every day again.
    void forget() {
        known.clear();
    }

    private void learn(Collection<Long> days) {
        known.addAll(days);
    }

    private static Set<Long> union(Set<Long> some, Set<Long> others) {
        Set<Long> all = new HashSet<>(some);
        all.addAll(others);
        return all;
    }

    private static Mono<Set<Long>> prepare(PostgresqlConnection connection, Set<Long> days) {
        String[] dates =
                days.stream()
                        .map(LocalDate::ofEpochDay)
                        .map(String::valueOf)
                        .toArray(String[]::new);
        return connection
                .createStatement(PREPARE)
                .bind("$1", dates)
                .bind("$2", DAYS_AHEAD)
                .execute()
                .flatMap(result -> result.map((row, _) -> Columns.number(row, "day")))
                .collect(Collectors.toSet());
    }

    private static Mono<Set<Long>> prepareAround(PostgresqlConnection connection) {
        return connection
                .createStatement(PREPARE_ALL)
                .bind("$1", DAYS_BACK)
                .bind("$2", DAYS_AHEAD)
                .execute()
                .flatMap(result -> result.map((row, _) -> Columns.number(row, "day")))
                .collect(Collectors.toSet());
    }
}
