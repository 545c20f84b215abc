package io.tidemill.sink;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/// Hands announced hours to the raw table and recomputes those that are due, again and again. Any
/// number of sinks may do so.
final class HourKeeper {

    /// Recomputations under way in all.
    static final int CONNECTIONS = 2;

    private static final Logger log = LoggerFactory.getLogger(HourKeeper.class);
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

    /// Starts going round; a round that fails is dropped and the next one begins a little later.
    Disposable start() {
        return Mono.defer(this::round)
                .retryWhen(
                        Retry.backoff(Long.MAX_VALUE, BETWEEN_ROUNDS)
                                .maxBackoff(Duration.ofSeconds(15))
                                .transientErrors(true)
                                .doBeforeRetry(HourKeeper::warn))
                .repeatWhen(rounds -> rounds.delayElements(BETWEEN_ROUNDS))
                .subscribe();
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

    private static void warn(Retry.RetrySignal signal) {
        log.warn(
                "hours not recomputed failures={} reason={}",
                signal.totalRetriesInARow() + 1,
                SqlStates.describe(signal.failure()));
    }
}
