package io.tidemill.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.sink.CohortReconciliation.ComparedCohorts;
import io.tidemill.sink.CohortReconciliation.Status;
import io.tidemill.storage.PostgresUrl;
import io.tidemill.testkit.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CohortReconciliationIT {

    private static final String EVENTS =
            """
            SELECT pipeline.create_events_partition(date '2025-10-13' + day) FROM generate_series(0, 2) AS day;
            INSERT INTO analytics.events (project_id, event_id, timestamp, event_type, user_id, demo_mode, received_at)
            SELECT 'shop', user_id || day, day, 'page_viewed', user_id, false, now()
              FROM (VALUES ('ann', timestamptz '2025-10-13Z'), ('ann', '2025-10-15Z'), ('bob', '2025-10-14Z')) AS sent (user_id, day)
            """;

    private final PostgresUrl postgres = TestPostgres.shared().freshDatabase();

    @BeforeEach
    void fill() throws SQLException {
        execute(EVENTS);
        execute(
                "INSERT INTO analytics.retention_cohorts SELECT 'shop', * FROM"
                        + " analytics.raw_retention('shop')");
    }

    @Test
    void cohortsThatAreThoseOfTheRawEventsAreEqual() throws Exception {
        assertThat(compare()).containsExactly(new ComparedCohorts("shop", Status.EQUAL, ""));
    }

    @Test
    void everyKindOfDifferenceIsNamed() throws Exception {
        // given
        execute("UPDATE analytics.retention_cohorts SET users = 7 WHERE cohort_day = '2025-10-14'");
        execute("DELETE FROM analytics.retention_cohorts WHERE day_number = 2");
        execute("INSERT INTO analytics.retention_cohorts VALUES ('shop', '2025-10-14', 1, 3)");

        // then
        assertThat(compare())
                .containsExactly(
                        new ComparedCohorts(
                                "shop",
                                Status.DIFFERENT,
                                "2025-10-13 day 2: 0, raw 1; 2025-10-14 day 0: 7, raw 1; 2025-10-14"
                                        + " day 1: 3, raw 0"));
    }

    @Test
    void cohortsOfDaysWithoutRawEventsCanNotBeCompared() throws Exception {
        // when
        execute("DROP TABLE analytics.events_20251013");

        // then
        assertThat(compare())
                .containsExactly(
                        new ComparedCohorts(
                                "shop",
                                Status.NOT_COMPARABLE,
                                "cohorts reach back to 2025-10-13, raw events to 2025-10-14"));
    }

    private List<ComparedCohorts> compare() throws Exception {
        PostgresUrl analyst = TestPostgres.shared().asAnalyst(postgres);
        try (Connection connection = TestPostgres.connect(analyst)) {
            return new CohortReconciliation(connection).verify(Duration.ZERO);
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = TestPostgres.connect(postgres);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
