package io.tidemill.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.r2dbc.pool.ConnectionPool;
import io.tidemill.contract.CohortCell;
import io.tidemill.contract.CohortCodec;
import io.tidemill.contract.CohortCount;
import io.tidemill.sink.PartitionBuffer.Batch;
import io.tidemill.storage.PostgresPool;
import io.tidemill.storage.PostgresUrl;
import io.tidemill.testkit.TestPostgres;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CohortTableIT {

    private final PostgresUrl postgres = TestPostgres.shared().freshDatabase();
    private final ConnectionPool pool =
            PostgresPool.open(postgres, "test", 2, Duration.ofSeconds(20));
    private final BatchWriter writer =
            new BatchWriter(
                    new Transactions(pool, Duration.ofSeconds(20)),
                    new OffsetTable("test"),
                    new HourOwners(),
                    new RejectedEventTable(),
                    Map.of(Records.PARTITION.topic(), new CohortTable()),
                    new SinkMetrics(new SimpleMeterRegistry()));

    private long next;

    @AfterEach
    void close() {
        pool.dispose();
    }

    @Test
    void theNewestRevisionOfACellStands() throws Exception {
        // when
        write(count("2025-10-18", 0, 5, 3), count("2025-10-18", 0, 4, 2));
        write(count("2025-10-18", 0, 9, 1), count("2025-10-18", 1, 2, 1));

        // then
        assertThat(rows()).containsExactly("shop 2025-10-18 0 5", "shop 2025-10-18 1 2");
    }

    @Test
    void aCellWithoutUsersHasNoRowAndOlderRevisionsDoNotBringItBack() throws Exception {
        // given
        write(count("2025-10-18", 0, 1, 1), count("2025-10-18", 1, 1, 1));

        // when
        write(count("2025-10-18", 0, 0, 3));
        write(count("2025-10-18", 0, 1, 2));

        // then
        assertThat(rows()).containsExactly("shop 2025-10-18 1 1");

        // when
        write(count("2025-10-18", 0, 7, 4));

        // then
        assertThat(rows()).containsExactly("shop 2025-10-18 0 7", "shop 2025-10-18 1 1");
    }

    @Test
    void readingEverythingOnceMoreChangesNothing() throws Exception {
        // given
        List<CohortCount> counts = new ArrayList<>();
        for (int revision = 1; revision <= 5; revision++) {
            for (int day = 0; day <= CohortCell.LAST_DAY_NUMBER; day++) {
                counts.add(count("2025-10-18", day, revision % 5, revision));
            }
        }
        write(counts.toArray(CohortCount[]::new));
        assertThat(rows()).isEmpty();

        // when
        counts.forEach(this::write);

        // then
        assertThat(rows()).isEmpty();
    }

    @Test
    void whatIsNoCellIsSetAsideAndTheOthersLand() throws Exception {
        // given a record that nobody can read, and a day that Postgres doesn't know
        ConsumerRecord<byte[], byte[]> nonsense =
                Records.record("nonsense".getBytes(StandardCharsets.UTF_8), new byte[0]);
        ConsumerRecord<byte[], byte[]> farAway =
                record(new CohortCount(new CohortCell("shop", 300_000_000_000L, 0), 1, 1));

        // when
        write(List.of(nonsense, farAway, record(count("2025-10-18", 0, 5, 3))));

        // then
        assertThat(rows()).containsExactly("shop 2025-10-18 0 5");
        assertThat(texts("SELECT DISTINCT reason FROM analytics.rejected_events ORDER BY 1"))
                .isNotEmpty()
                .isSubsetOf("malformed_record", "refused_by_postgres");
    }

    private void write(CohortCount... counts) {
        write(Stream.of(counts).map(CohortTableIT::record).toList());
    }

    private void write(List<ConsumerRecord<byte[], byte[]>> records) {
        OptionalLong expected = next == 0 ? OptionalLong.empty() : OptionalLong.of(next);
        next += records.size();
        writer.write(new Batch(Records.PARTITION, expected, next, records)).block();
    }

    private static ConsumerRecord<byte[], byte[]> record(CohortCount count) {
        return Records.record(CohortCodec.encodeKey(count.cell()), CohortCodec.encodeValue(count));
    }

    private static CohortCount count(String day, int number, long users, long revision) {
        long cohortDay = LocalDate.parse(day).toEpochDay();
        return new CohortCount(new CohortCell("shop", cohortDay, number), users, revision);
    }

    private List<String> rows() throws SQLException {
        return texts(
                "SELECT concat_ws(' ', project_id, cohort_day, day_number, users) FROM"
                        + " analytics.retention_cohorts ORDER BY project_id, cohort_day, day_number");
    }

    private List<String> texts(String sql) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (Connection connection = TestPostgres.connect(postgres);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                texts.add(row.getString(1));
            }
        }
        return texts;
    }
}
