package io.tidemill.sink;

import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/// Work that is done again and again, beside the batches.
final class Rounds {

    private static final Logger log = LoggerFactory.getLogger(Rounds.class);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE_AFTER_FAILURE = Duration.ofSeconds(15);

    private Rounds() {}

    /// Starts going round; a round that fails is dropped and the next one begins a little later.
    ///
    /// @param work in a word, for the log
    /// @param pause after each round
    static Disposable start(String work, Duration pause, Supplier<Mono<Void>> round) {
        return Mono.defer(round)
                .retryWhen(
                        Retry.backoff(Long.MAX_VALUE, PAUSE_AFTER_FAILURE)
                                .maxBackoff(LONGEST_PAUSE_AFTER_FAILURE)
                                .transientErrors(true)
                                .doBeforeRetry(signal -> warn(work, signal)))
                .repeatWhen(rounds -> rounds.delayElements(pause))
                .subscribe();
    }

    private static void warn(String work, Retry.RetrySignal signal) {
        log.warn(
                "{} interrupted failures={} reason={}",
                work,
                signal.totalRetriesInARow() + 1,
                SqlStates.describe(signal.failure()));
    }
}
