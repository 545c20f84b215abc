package io.tidemill.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.spi.Connection;
import io.tidemill.storage.PostgresPool;
import io.tidemill.storage.PostgresUrl;
import io.tidemill.testkit.TestPostgres;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

class SnapshotsIT {

    private final PostgresUrl url = TestPostgres.shared().freshDatabase();
    private final Tables tables = new Tables(url);

    @Test
    void theStatementsOfAQuestionSeeOneStateAndCantChangeIt() throws Exception {
        // given
        tables.execute("CREATE TABLE numbers AS SELECT 1 AS n");
        ConnectionPool pool = PostgresPool.open(url, "test", 1, Duration.ofMinutes(1));
        Snapshots snapshots = new Snapshots(pool, 1, Duration.ofMinutes(1));

        // when
        Long second =
                snapshots
                        .read(connection ->
                                count(connection)
                                        .doOnNext(_ -> insert())
                                        .then(Mono.defer(() -> count(connection))))
                        .block();

        // then
        assertThat(second).isEqualTo(1);
        assertThat(snapshots.read(SnapshotsIT::count).block()).isEqualTo(2);
        assertThat(
                        snapshots
                                .read(connection -> number(connection, "DELETE FROM numbers"))
                                .map(_ -> "deleted")
                                .onErrorReturn("refused")
                                .block())
                .isEqualTo("refused");
        pool.dispose();
    }

    @Test
    void aConnectionThatNoAnswerComesThroughIsGivenUp() throws Exception {
        try (StallingProxy proxy = new StallingProxy(url)) {
            // given
            ConnectionPool pool = PostgresPool.open(proxy.url(), "test", 1, Duration.ofMinutes(1));
            Snapshots snapshots = new Snapshots(pool, 1, Duration.ofSeconds(3));
            CompletableFuture<Long> lost =
                    snapshots
                            .read(connection -> number(connection, "SELECT 1 FROM pg_sleep(600)"))
                            .toFuture();
            await().until(proxy::hasConnection);

            // when
            proxy.stall();

            // then
            assertThat(lost)
                    .failsWithin(Duration.ofMinutes(1))
                    .withThrowableThat()
                    .withCauseInstanceOf(TimeoutException.class);
            await().untilAsserted(() ->
                    assertThat(snapshots.read(c -> number(c, "SELECT 2::bigint")).block())
                            .isEqualTo(2));
            assertThat(snapshots.atHand()).isZero();
            pool.dispose();
        }
    }

    private void insert() {
        try {
            tables.execute("INSERT INTO numbers VALUES (2)");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Mono<Long> count(Connection connection) {
        return number(connection, "SELECT count(*) FROM numbers");
    }

    private static Mono<Long> number(Connection connection, String sql) {
        return Flux.from(connection.createStatement(sql).execute())
                .concatMap(result -> result.map(row -> row.get(0, Long.class)))
                .single();
    }
}
