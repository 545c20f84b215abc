package io.tidemill.sink;

import java.time.Duration;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/// Hands announced hours to the raw table and recomputes those that are due, again and again. Any
/// number of sinks may do so.
final class HourKeeper {

    /// Recomputations under way in all.
    static final int CONNECTIONS = 2;

    private static final Duration BETWEEN_ROUNDS = Duration.ofMillis(250);
    private static final int HOURS_A_ROUND = 64;

    private final HourOwners owners;
    private final Recomputation recomputation;
    private final Transactions transactions;
    private final Transactions slowTransactions;
    private final SinkMetrics metrics;

    /// @param slowTransactions whose statements may take as long as a scan of an hour
    HourKeeper(
            HourOwners owners,
            Recomputation recomputation,
            Transactions transactions,
            Transactions slowTransactions,
            SinkMetrics metrics) {
        this.owners = owners;
        this.recomputation = recomputation;
        this.transactions = transactions;
        this.slowTransactions = slowTransactions;
        this.metrics = metrics;
    }

    Disposable start() {
        return Rounds.start("recomputing hours", BETWEEN_ROUNDS, this::round);
    }

    /// Hands over what is announced, then recomputes what is due.
    Mono<Void> round() {
        return transactions
                .run(owners::takeOver)
                .doOnNext(metrics::handedOver)
                .then(transactions.run(owners::waiting))
                .doOnNext(metrics::waiting)
                .then(transactions.run(c -> recomputation.due(c, HOURS_A_ROUND)))
                .flatMapMany(Flux::fromIterable)
                // One that fails must not keep the others waiting.
                .flatMapDelayError(this::recompute, CONNECTIONS, HOURS_A_ROUND)
                .then();
    }

    private Mono<Boolean> recompute(Hour hour) {
        return Mono.defer(() -> {
            long started = System.nanoTime();
            return slowTransactions
                    .run(connection -> recomputation.run(connection, hour))
                    .doOnNext(done -> metrics.recomputed(done, started));
        });
    }
}
