package io.tidemill.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.r2dbc.pool.ConnectionPool;
import io.tidemill.storage.PostgresPool;
import io.tidemill.testkit.TestPostgres;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

class EventPartitionsIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    private final long today = Instant.now().atOffset(ZoneOffset.UTC).toLocalDate().toEpochDay();
    private final long ancient = LocalDate.of(2001, 1, 1).toEpochDay();
    private final ConnectionPool pool =
            PostgresPool.open(TestPostgres.shared().freshDatabase(), "test", 2, TIMEOUT);
    private final EventPartitions partitions = new EventPartitions(new Transactions(pool, TIMEOUT));

    @AfterEach
    void close() {
        pool.dispose();
    }

    @Test
    void daysNearTodayGetAPartitionAndOthersDoNot() {
        assertThat(partitions.prepare(Set.of(today, ancient)).block()).containsExactly(today);
    }

    @Test
    void aPartitionIsThereAlsoWhenAnotherBatchForgetsItMeanwhile() {
        // given
        partitions.prepare(Set.of(today)).block();

        // when
        Mono<Set<Long>> asked = partitions.prepare(Set.of(today, ancient));
        partitions.forget();

        // then
        assertThat(asked.block()).containsExactly(today);
    }
}
