package io.tidemill.query;

import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.spi.Connection;
import io.tidemill.runtime.Health;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/// Finds out every few seconds whether Postgres answers, on a connection of its own: long questions
/// must not look like an outage.
final class PostgresWatch implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(PostgresWatch.class);
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final ConnectionPool pool;
    private volatile Health health = Health.starting("waits for Postgres");
    private final Disposable checks;

    private PostgresWatch(ConnectionPool pool) {
        this.pool = pool;
        this.checks =
                Flux.interval(Duration.ZERO, PAUSE)
                        .onBackpressureDrop()
                        .concatMap(_ -> check(), 1)
                        .subscribe();
    }

    /// @param pool its own to use and to close; tries each connection that it hands out
    static PostgresWatch start(ConnectionPool pool) {
        return new PostgresWatch(pool);
    }

    Health health() {
        return health;
    }

    @Override
    public void close() {
        checks.dispose();
        pool.dispose();
    }

    private Mono<Void> check() {
        return Mono.usingWhen(pool.create(), _ -> Mono.just(Health.UP), Connection::close)
                .onErrorResume(error -> Mono.just(Health.down("Postgres does not answer")))
                .doOnNext(this::found)
                .then();
    }

    private void found(Health found) {
        if (!found.equals(health)) {
            log.info("postgres is {} detail={}", found.status(), found.detail());
            health = found;
        }
    }
}
