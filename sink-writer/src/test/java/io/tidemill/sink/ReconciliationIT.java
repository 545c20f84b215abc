package io.tidemill.sink;

import static io.tidemill.sink.PipelineFixture.HOUR;
import static io.tidemill.sink.PipelineFixture.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.contract.Event;
import io.tidemill.contract.HourlyRollup;
import io.tidemill.sink.Reconciliation.ComparedHour;
import io.tidemill.sink.Reconciliation.Range;
import io.tidemill.sink.Reconciliation.Status;
import io.tidemill.testkit.GroupBy;
import io.tidemill.testkit.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Rollups and raw rows come the way they always come, through the sink; differences are planted.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReconciliationIT {

    private static final Range RANGE =
            new Range(HOUR.minus(Duration.ofHours(2)), HOUR.plus(Duration.ofHours(1)));
    private static final List<String> TABLES =
            List.of("events", "hourly_rollups", "hourly_rollup_dimensions", "unique_sketches");

    private final PipelineFixture pipeline = new PipelineFixture(1);

    @BeforeAll
    void fill() throws Exception {
        List<Event> events = RichEvents.list();
        Collection<HourlyRollup> rollups = GroupBy.of(events).values();
        pipeline.startSink();
        pipeline.send(events);
        rollups.forEach(pipeline::send);
        GroupBy.sketches(events).forEach(pipeline::send);
        pipeline.awaitEvents(events.size());
        pipeline.awaitRows("SELECT count(*) FROM analytics.hourly_rollups", rollups.size());
        pipeline.awaitRows(
                "SELECT count(DISTINCT (project_id, start)) FROM analytics.unique_sketches",
                rollups.size());
        pipeline.execute("CREATE SCHEMA kept");
        for (String table : TABLES) {
            pipeline.execute("CREATE TABLE kept." + table + " AS SELECT * FROM analytics." + table);
        }
    }

    @BeforeEach
    void restore() throws Exception {
        for (String table : TABLES) {
            pipeline.execute("DELETE FROM analytics." + table);
            pipeline.execute("INSERT INTO analytics." + table + " SELECT * FROM kept." + table);
        }
        pipeline.execute("DELETE FROM pipeline.completeness");
        pipeline.execute(
                "INSERT INTO pipeline.completeness (complete_through) VALUES ('"
                        + RANGE.to()
                        + "')");
    }

    @AfterAll
    void close() {
        pipeline.close();
    }

    @Test
    void rollupsThatEqualTheRawRowsAreEqual() throws Exception {
        List<ComparedHour> hours = compare();

        assertThat(hours).hasSize(4);
        assertThat(hours).extracting(ComparedHour::status).containsOnly(Status.EQUAL);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            textBlock =
                    """
                    UPDATE analytics.hourly_rollups SET total_events = total_events + 1                        ; total_events
                    UPDATE analytics.hourly_rollups SET unique_sessions = 0                                    ; unique_sessions 0
                    UPDATE analytics.hourly_rollups SET unique_users = unique_users + 1                        ; unique_users
                    UPDATE analytics.hourly_rollups SET event_counts = event_counts || '{"x": 1}'              ; event_counts {"x": 1
                    UPDATE analytics.hourly_rollups SET tool_usage = '{}'                                      ; tool_usage {}
                    UPDATE analytics.hourly_rollups SET risk_distribution = risk_distribution - 'high'         ; risk_distribution
                    UPDATE analytics.hourly_rollup_dimensions SET events = events + 1 WHERE value = 'editor'   ; rows of dimension tool
                    DELETE FROM analytics.hourly_rollup_dimensions WHERE value = 'high'                        ; rows of dimension risk_mode
                    DELETE FROM analytics.hourly_rollup_dimensions WHERE dimension = 'event_type'              ; rows of dimension event_type {}
                    INSERT INTO analytics.hourly_rollup_dimensions SELECT project_id, hour, 'tool', 'new', 1 FROM analytics.hourly_rollups ; rows of dimension tool
                    UPDATE analytics.unique_sketches SET sketch = '\\x01000000000000000001' WHERE kind = 'users' ; sketch of about 1 users
                    DELETE FROM analytics.unique_sketches WHERE kind = 'sessions'                              ; sketch of about 0 sessions
                    DELETE FROM analytics.hourly_rollups                                                       ; total_events missing
                    DELETE FROM analytics.events                                                               ; raw missing
                    DELETE FROM analytics.events WHERE tool_name = 'editor'                                    ; tool_usage
                    """)
    void aPlantedDifferenceIsFoundInItsHourAlone(String damage, String difference)
            throws Exception {
        // given
        String hour = HOUR.toString();
        String column =
                damage.contains("analytics.events")
                        ? "date_trunc('hour', timestamp, 'UTC')"
                        : damage.contains("unique_sketches") ? "start" : "hour";
        String where = "project_id = 'one' AND " + column + " = '" + hour + "'";
        pipeline.execute(damage + (damage.contains("WHERE") ? " AND " : " WHERE ") + where);

        // when
        List<ComparedHour> different =
                compare().stream().filter(h -> h.status() != Status.EQUAL).toList();

        // then
        assertThat(different).hasSize(1);
        assertThat(different.getFirst().status()).isEqualTo(Status.DIFFERENT);
        assertThat(different.getFirst().projectId()).isEqualTo("one");
        assertThat(different.getFirst().hour()).isEqualTo(HOUR);
        assertThat(different.getFirst().difference()).contains(difference);
    }

    @Test
    void everyHourDiffersWhenAllRollupsAreGone() throws Exception {
        pipeline.execute("DELETE FROM analytics.hourly_rollups");
        pipeline.execute("DELETE FROM analytics.hourly_rollup_dimensions");
        pipeline.execute("DELETE FROM analytics.unique_sketches");

        List<ComparedHour> hours = compare();

        assertThat(hours).hasSize(4);
        assertThat(hours).extracting(ComparedHour::status).containsOnly(Status.DIFFERENT);
    }

    @Test
    void anHourThatIsNotCompleteIsOpenHoweverItLooks() throws Exception {
        // given
        pipeline.execute("UPDATE analytics.hourly_rollups SET total_events = 0");
        pipeline.execute(
                "UPDATE pipeline.completeness SET complete_through = '"
                        + HOUR.plusSeconds(3_599)
                        + "'");

        // when
        List<ComparedHour> hours = compare();

        // then
        assertThat(
                        hours.stream()
                                .collect(
                                        Collectors.toMap(
                                                h -> h.projectId() + h.hour(),
                                                ComparedHour::status)))
                .containsEntry("one" + HOUR, Status.OPEN)
                .containsEntry("one" + HOUR.minus(Duration.ofHours(1)), Status.DIFFERENT);
    }

    @Test
    void aDayWhoseRawRowsAreGoneCannotBeCompared() throws Exception {
        // given
        pipeline.execute(
                "INSERT INTO analytics.hourly_rollups VALUES ('old', now() - interval '60 days', 1, 0, 0, '{}', '{}', '{}', 1)");

        // when
        Range all = reconciled(r -> r.extent().orElseThrow());
        List<ComparedHour> hours = reconciled(r -> r.compare(all));

        // then
        assertThat(hours.getFirst().projectId()).isEqualTo("old");
        assertThat(hours.getFirst().status()).isEqualTo(Status.EXPIRED);
        assertThat(hours).hasSize(5);
    }

    @Test
    void aDifferenceThatGoesAwayIsNone() throws Exception {
        // given
        pipeline.execute(
                "UPDATE analytics.hourly_rollups SET total_events = 0 WHERE project_id = 'one'");
        Thread healer =
                Thread.ofVirtual()
                        .start(() -> {
                            await().atMost(PATIENCE)
                                    .ignoreExceptions()
                                    .until(() ->
                                            pipeline.number(
                                                            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'analyst' AND query LIKE '%freshness%' AND datname = current_database()")
                                                    > 0);
                            heal();
                        });

        // when
        List<ComparedHour> hours = reconciled(r -> r.verify(RANGE, PATIENCE));

        // then
        healer.join();
        assertThat(hours).extracting(ComparedHour::status).containsOnly(Status.EQUAL);
    }

    @Test
    void aDifferenceThatStaysStands() throws Exception {
        pipeline.execute(
                "UPDATE analytics.hourly_rollups SET total_events = 0 WHERE project_id = 'two'");

        List<ComparedHour> hours = reconciled(r -> r.verify(RANGE, Duration.ofMillis(1)));

        assertThat(hours).extracting(ComparedHour::status).contains(Status.DIFFERENT);
    }

    private void heal() {
        try {
            pipeline.execute(
                    "UPDATE analytics.hourly_rollups AS r SET total_events = k.total_events FROM kept.hourly_rollups AS k WHERE r.project_id = k.project_id AND r.hour = k.hour");
            pipeline.execute(
                    "UPDATE pipeline.completeness SET complete_through = now() + interval '1 hour'");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private interface Look<T> {
        T at(Reconciliation reconciliation) throws Exception;
    }

    private <T> T reconciled(Look<T> look) throws Exception {
        try (Connection analyst =
                TestPostgres.connect(TestPostgres.shared().asAnalyst(pipeline.postgres))) {
            return look.at(new Reconciliation(analyst));
        }
    }

    private List<ComparedHour> compare() throws Exception {
        return reconciled(r -> r.compare(RANGE));
    }
}
