package io.tidemill.sink;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.tidemill.sink.RawRetention.Day;
import io.tidemill.sink.RetentionWindows.Kind;
import io.tidemill.sink.RetentionWindows.Lowered;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/// Removes what is past its window, again and again. Any number of sinks may do so.
final class RetentionKeeper {

    private static final Logger log = LoggerFactory.getLogger(RetentionKeeper.class);
    private static final Duration BETWEEN_ROUNDS = Duration.ofMinutes(1);

    private static final String MOMENT =
            """
            SELECT date_trunc('milliseconds', pipeline.clock()) AS now,
                   pipeline.complete_through() AS complete_through
            """;

    private final Supplier<RetentionWindows> configured;
    private final Duration maxEventAge;
    private final WindowTable table;
    private final RawRetention raw;
    private final Transactions transactions;
    private final Transactions slowTransactions;
    private final SinkMetrics metrics;

    /// @param configured what the settings and the projects file say now
    /// @param slowTransactions whose statements may take long
    RetentionKeeper(
            Supplier<RetentionWindows> configured,
            Duration maxEventAge,
            WindowTable table,
            RawRetention raw,
            Transactions transactions,
            Transactions slowTransactions,
            SinkMetrics metrics) {
        this.configured = configured;
        this.maxEventAge = maxEventAge;
        this.table = table;
        this.raw = raw;
        this.transactions = transactions;
        this.slowTransactions = slowTransactions;
        this.metrics = metrics;
    }

    Disposable start() {
        return Rounds.start("retention", BETWEEN_ROUNDS, this::round);
    }

    /// Puts the windows in force, then removes what is past them.
    Mono<Void> round() {
        return transactions
                .run(this::moment)
                .flatMap(moment ->
                        transactions
                                .run(connection -> agree(connection, moment))
                                .flatMap(windows -> remove(moment, windows)));
    }

    private Mono<KeptDays> moment(PostgresqlConnection connection) {
        return connection
                .createStatement(MOMENT)
                .execute()
                .flatMap(result ->
                        result.map((row, _) ->
                                new KeptDays(
                                        Columns.instant(row, "now"),
                                        Columns.instant(row, "complete_through"),
                                        maxEventAge)))
                .next();
    }

    /// A window that became shorter, and would remove something, comes into force when it is
    /// confirmed. Until then the longer one stays.
    private Mono<RetentionWindows> agree(PostgresqlConnection connection, KeptDays moment) {
        RetentionWindows wanted = configured.get();
        return table.read(connection, wanted)
                .flatMap(inForce ->
                        Flux.fromIterable(wanted.loweredFrom(inForce))
                                .filterWhen(each -> removesSomething(connection, each, moment))
                                .collectList()
                                .doOnNext(this::tell)
                                .map(refused -> wanted.except(Set.copyOf(refused), inForce)))
                .delayUntil(agreed -> table.put(connection, agreed));
    }

    private Mono<Boolean> removesSomething(
            PostgresqlConnection connection, Lowered lowered, KeptDays moment) {
        return moment.pastWindow(lowered.to())
                .map(end -> table.removesSomething(connection, lowered, end))
                .orElse(Mono.just(false));
    }

    private void tell(List<Lowered> refused) {
        metrics.unconfirmedWindows(refused.size());
        for (Lowered each : refused) {
            log.error(
                    "a shorter window is not in force until `tidemill retention --confirm`: of={}"
                            + " project={} kept={} asked={}",
                    each.kind() == Kind.RAW ? "raw events" : "rollups",
                    each.projectId().isEmpty() ? "(all others)" : each.projectId(),
                    each.from().text(),
                    each.to().text());
        }
    }

    private void tell(Day day, boolean dropped) {
        log.info("{} day={}", dropped ? "day removed" : "day past its window waits", day.date());
        if (dropped) {
            metrics.dayRemoved();
        }
    }

    private Mono<Void> remove(KeptDays moment, RetentionWindows windows) {
        return transactions
                .run(raw::days)
                .flatMap(days ->
                        removeDays(days, moment.goneBefore(windows.longestRaw()))
                                .then(removeRows(days, moment, windows)));
    }

    /// In their order: one that waits keeps those after it waiting.
    private Mono<Void> removeDays(List<Day> days, Optional<Instant> before) {
        List<Day> past = past(days, before);
        return past.isEmpty()
                ? Mono.empty()
                : transactions
                        .run(connection ->
                                raw.makeFinal(connection, RawRetention.ALL, past.getLast().end()))
                        .thenMany(Flux.fromIterable(past))
                        .concatMap(day ->
                                slowTransactions
                                        .run(connection -> raw.drop(connection, day))
                                        .doOnNext(dropped -> tell(day, dropped)))
                        .takeWhile(dropped -> dropped)
                        .then();
    }

    /// Of projects whose windows are shorter than the longest.
    private Mono<Void> removeRows(List<Day> days, KeptDays moment, RetentionWindows windows) {
        if (!windows.shortestRaw().isShorterThan(windows.longestRaw())) {
            return Mono.empty();
        }
        Set<String> waiting = new HashSet<>();
        return Flux.fromIterable(past(days, moment.goneBefore(windows.shortestRaw())))
                .concatMap(day ->
                        slowTransactions
                                .run(connection -> raw.projects(connection, day))
                                .flatMapIterable(projects -> projects)
                                .filter(project -> !waiting.contains(project))
                                .filter(project -> isPast(day, project, moment, windows))
                                .concatMap(project ->
                                        removeRows(day, project)
                                                .doOnNext(gone -> {
                                                    if (!gone) {
                                                        waiting.add(project);
                                                    }
                                                })))
                .then();
    }

    private static boolean isPast(
            Day day, String project, KeptDays moment, RetentionWindows windows) {
        return moment.goneBefore(windows.of(project).raw())
                .filter(before -> !day.end().isAfter(before))
                .isPresent();
    }

    private Mono<Boolean> removeRows(Day day, String project) {
        return transactions
                .run(connection -> raw.makeFinal(connection, project, day.end()))
                .then(transactions.run(connection -> raw.giveUp(connection, project, day)))
                .delayUntil(gone -> gone ? deleteAll(day, project) : Mono.empty());
    }

    private Mono<Void> deleteAll(Day day, String project) {
        return transactions
                .run(connection -> raw.delete(connection, project, day))
                .doOnNext(metrics::rowsRemoved)
                .repeat()
                .takeUntil(deleted -> deleted == 0)
                .then();
    }

    private static List<Day> past(List<Day> days, Optional<Instant> before) {
        return before.map(end -> days.stream().filter(day -> !day.end().isAfter(end)).toList())
                .orElse(List.of());
    }
}
