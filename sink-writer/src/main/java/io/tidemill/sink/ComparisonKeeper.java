package io.tidemill.sink;

import java.time.Duration;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/// Works off the hours that wait to be compared with their raw rows, again and again. Any number of
/// sinks may do so: they take turns.
final class ComparisonKeeper {

    private static final Duration BETWEEN_ROUNDS = Duration.ofSeconds(1);
    private static final int HOURS_A_ROUND = 1_000;

    private final HourComparison comparison;
    private final Transactions transactions;
    private final Transactions slowTransactions;
    private final SinkMetrics metrics;

    /// @param slowTransactions whose statements may take as long as a scan of an hour
    ComparisonKeeper(
            HourComparison comparison,
            Transactions transactions,
            Transactions slowTransactions,
            SinkMetrics metrics) {
        this.comparison = comparison;
        this.transactions = transactions;
        this.slowTransactions = slowTransactions;
        this.metrics = metrics;
    }

    Disposable start() {
        return Rounds.start("comparing hours", BETWEEN_ROUNDS, this::round);
    }

    /// Compares those that wait, one after the other. One that fails must not keep the others
    /// waiting.
    Mono<Void> round() {
        return transactions
                .run(connection -> comparison.waiting(connection, HOURS_A_ROUND).collectList())
                .flatMapIterable(hours -> hours)
                .concatMapDelayError(this::compare)
                .then();
    }

    private Mono<HourComparison.Result> compare(Hour hour) {
        return slowTransactions
                .run(connection -> comparison.run(connection, hour))
                .doOnNext(metrics::compared);
    }
}
