package io.tidemill.sink;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.tidemill.sink.ReconciledHours.Look;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/// Compares closed hours with their raw rows, for as long as it runs: those that closed last first,
/// then all that are kept. What differs becomes dirty. Any number of sinks may do so: they take
/// turns, and together spend a small part of one connection's time.
final class Reconciler {

    private static final Logger log = LoggerFactory.getLogger(Reconciler.class);
    private static final Duration BETWEEN_ROUNDS = Duration.ofSeconds(1);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);
    private static final int REST_TIMES_COST = 20;
    private static final Duration LONGEST_REST = Duration.ofMinutes(10);

    /// So long a second look waits for everything to be complete; after that, the hour is left to
    /// its next turn.
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final ReconciledHours hours;
    private final Transactions transactions;
    private final Transactions slowTransactions;
    private final SinkMetrics metrics;

    /// What is known of an hour after a look. A difference counts at one look where the rollup is
    /// made of raw rows, elsewhere when two looks show the same one.
    ///
    /// @param equal projects
    /// @param different projects
    /// @param doubtful differences that another look has to confirm
    record Found(List<String> equal, List<String> different, Set<Look> doubtful) {

        static Found first(List<Look> looks) {
            return new Found(
                    projects(looks, look -> look.difference() == null),
                    projects(looks, look -> look.difference() != null && look.fromRaw()),
                    looks.stream()
                            .filter(look -> look.difference() != null && !look.fromRaw())
                            .collect(Collectors.toSet()));
        }

        static Found second(List<Look> looks, Set<Look> doubtful) {
            Set<String> asked = doubtful.stream().map(Look::projectId).collect(Collectors.toSet());
            List<Look> again =
                    looks.stream().filter(look -> asked.contains(look.projectId())).toList();
            return new Found(
                    projects(again, look -> look.difference() == null),
                    projects(
                            again,
                            look ->
                                    look.difference() != null
                                            && (look.fromRaw() || doubtful.contains(look))),
                    Set.of());
        }

        List<String> compared() {
            return Stream.concat(equal.stream(), different.stream()).toList();
        }

        private static List<String> projects(List<Look> looks, Predicate<Look> which) {
            return looks.stream().filter(which).map(Look::projectId).toList();
        }
    }

    /// @param slowTransactions whose statements may take as long as a scan of an hour
    Reconciler(
            ReconciledHours hours,
            Transactions transactions,
            Transactions slowTransactions,
            SinkMetrics metrics) {
        this.hours = hours;
        this.transactions = transactions;
        this.slowTransactions = slowTransactions;
        this.metrics = metrics;
    }

    Disposable start() {
        return Rounds.start("reconciliation", BETWEEN_ROUNDS, this::round);
    }

    /// Compares the hour in turn, if it is time.
    Mono<Void> round() {
        return transactions
                .run(hours::next)
                .flatMap(hour -> hour.map(this::reconcile).orElse(Mono.empty()));
    }

    private Mono<Void> reconcile(Instant hour) {
        return transactions.run(hours::now).flatMap(before -> reconcile(hour, before));
    }

    private Mono<Void> reconcile(Instant hour, Instant before) {
        long started = System.nanoTime();
        return slowTransactions
                .run(connection -> look(connection, hour, Set.of()))
                .delayUntil(_ -> rest(started))
                .filter(found -> !found.doubtful().isEmpty())
                .flatMap(first ->
                        awaitCompleteness(before)
                                .flatMap(_ ->
                                        slowTransactions.run(connection ->
                                                look(connection, hour, first.doubtful()))))
                .then();
    }

    /// With what follows of it in the same transaction.
    ///
    /// @param doubtful found at the look before, the only ones that matter at this one
    private Mono<Found> look(PostgresqlConnection connection, Instant hour, Set<Look> doubtful) {
        return hours.look(connection, hour)
                .map(looks ->
                        doubtful.isEmpty() ? Found.first(looks) : Found.second(looks, doubtful))
                .delayUntil(found -> hours.makeDirty(connection, hour, found.different()))
                .delayUntil(
                        found -> hours.note(connection, hour, found.compared(), found.different()))
                .doOnNext(found -> tell(hour, found));
    }

    /// Empty when that takes too long.
    private Mono<Instant> awaitCompleteness(Instant before) {
        return transactions
                .run(hours::completeThrough)
                .filter(through -> through.isAfter(before))
                .repeatWhenEmpty(
                        (int) PATIENCE.dividedBy(BETWEEN_LOOKS),
                        looks -> looks.delayElements(BETWEEN_LOOKS))
                .onErrorResume(IllegalStateException.class, _ -> Mono.empty());
    }

    private Mono<Long> rest(long startedNanos) {
        Duration rest =
                Duration.ofNanos(System.nanoTime() - startedNanos).multipliedBy(REST_TIMES_COST);
        return transactions.run(connection ->
                hours.rest(connection, rest.compareTo(LONGEST_REST) > 0 ? LONGEST_REST : rest));
    }

    private void tell(Instant hour, Found found) {
        metrics.reconciled(found.equal().size(), found.different().size());
        for (String project : found.different()) {
            log.error(
                    "rollup differs from its raw rows and is recomputed project={} hour={}",
                    project,
                    hour);
        }
    }
}
