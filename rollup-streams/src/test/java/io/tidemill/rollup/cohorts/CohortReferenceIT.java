package io.tidemill.rollup.cohorts;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.storage.PostgresUrl;
import io.tidemill.testkit.TestPostgres;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// The cohorts that users' active days add up to are those of the SQL over raw events.
class CohortReferenceIT {

    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final LocalDate FIRST_DAY = LocalDate.parse("2024-02-01");
    private static final int USERS = 400;
    private static final String REFERENCE = "SELECT * FROM analytics.raw_retention('shop')";

    private final PostgresUrl url = TestPostgres.shared().freshDatabase();

    @Test
    void activeDaysAddUpToTheReferenceOverRawEvents() throws SQLException {
        // given
        Random random = new Random(SEED);
        Map<Integer, ActiveDays> users = new HashMap<>();

        // when
        SortedMap<Cell, Long> table = new TreeMap<>();
        try (Connection connection = TestPostgres.connect(url)) {
            prepare(connection);
            try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
                for (int number = 0; number < 12 * USERS; number++) {
                    int user = random.nextInt(USERS);
                    OffsetDateTime time = randomTime(random, user);
                    add(insert, number, user, time);
                    count(table, users, user, time.toLocalDate().toEpochDay());
                }
                insert.executeBatch();
            }
            table.values().removeIf(count -> count == 0);

            // then
            assertThat(table).as("-Dseed=%s", SEED).isEqualTo(reference(connection));
        }
    }

    private static void count(
            SortedMap<Cell, Long> table, Map<Integer, ActiveDays> users, int user, long day) {
        ActiveDays before = users.getOrDefault(user, ActiveDays.NONE);
        ActiveDays after = before.with(day);
        before.changesTo(after)
                .forEach((cell, change) -> table.merge(cell, (long) change, Long::sum));
        users.put(user, after);
    }

    /// Some users keep to a few weeks, others come and go over more than a year; often at the edge
    /// of a day.
    private static OffsetDateTime randomTime(Random random, int user) {
        LocalDate day = FIRST_DAY.plusDays(random.nextInt(user % 2 == 0 ? 30 : 450));
        Instant midnight = day.atStartOfDay(ZoneOffset.UTC).toInstant();
        Duration time =
                switch (random.nextInt(3)) {
                    case 0 -> Duration.ZERO;
                    case 1 -> Duration.ofDays(1).minusMillis(1);
                    default -> Duration.ofMillis(random.nextInt(86_400_000));
                };
        return midnight.plus(time).atOffset(ZoneOffset.UTC);
    }

    private static final String INSERT =
            """
            INSERT INTO analytics.events (project_id, event_id, event_type, user_id, timestamp, demo_mode, received_at)
            VALUES ('shop', ?, 'page_viewed', ?, ?, false, now())
            """;

    private static void add(PreparedStatement insert, int number, int user, OffsetDateTime time)
            throws SQLException {
        insert.setString(1, "e-" + number);
        insert.setString(2, "user-" + user);
        insert.setObject(3, time);
        insert.addBatch();
    }

    private static void prepare(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE analytics.all_days PARTITION OF analytics.events FOR VALUES FROM"
                            + " ('2024-01-01Z') TO ('2026-01-01Z')");
        }
    }

    private static SortedMap<Cell, Long> reference(Connection connection) throws SQLException {
        SortedMap<Cell, Long> table = new TreeMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(REFERENCE)) {
            while (row.next()) {
                long cohort = row.getObject("cohort_day", LocalDate.class).toEpochDay();
                table.put(new Cell(cohort, row.getInt("day_number")), row.getLong("users"));
            }
        }
        return table;
    }
}
