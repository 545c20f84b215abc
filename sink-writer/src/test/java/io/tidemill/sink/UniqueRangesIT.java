package io.tidemill.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.Hash128;
import io.tidemill.contract.sketch.UniqueSketch;
import io.tidemill.testkit.TestPostgres;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The different ids of a range are those of its days, its hours and, where there is no sketch yet,
/// its raw events.
class UniqueRangesIT {

    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final Instant DAY = Instant.parse("2025-10-18T00:00:00Z");

    private SketchDatabase database;

    @BeforeEach
    void connect() throws SQLException {
        database = new SketchDatabase();
    }

    @AfterEach
    void disconnect() throws SQLException {
        database.close();
    }

    @Test
    void aRangeIsMadeOfItsDaysAndTheHoursAtItsEdges() throws SQLException {
        // given four days of hours, of which the second and third are closed
        Random random = new Random(SEED);
        List<UniqueSketch> hours = new ArrayList<>();
        for (int hour = 0; hour < 96; hour++) {
            hours.add(SketchDatabase.sketchOf(random, hour == 30 ? 2_000 : 20));
            store("hour", hour, "users", hours.get(hour));
            store("hour", hour, "sessions", SketchDatabase.sketchOf(random, 1));
        }
        store("day", 24, "users", SketchDatabase.together(hours.subList(24, 48)));
        store("day", 48, "users", SketchDatabase.together(hours.subList(48, 72)));

        for (int number = 0; number < 100; number++) {
            // when
            int from = random.nextInt(97);
            int to = from + random.nextInt(97 - from);

            // then
            assertThat(uniqueUsers(hour(from), hour(to)))
                    .as("-Dseed=%s hours %s to %s", SEED, from, to)
                    .isEqualTo(SketchDatabase.together(hours.subList(from, to)).estimate());
        }
    }

    @Test
    void aDayCountsOnlyWhenTheRangeHoldsAllOfIt() throws SQLException {
        // given a day that tells more than its only hour
        store("hour", 5, "users", SketchDatabase.ids("ann"));
        store("day", 0, "users", SketchDatabase.ids("ann", "bob", "eve"));

        assertThat(uniqueUsers(hour(0), hour(24))).isEqualTo(3);
        assertThat(uniqueUsers(hour(-3), hour(30))).isEqualTo(3);
        assertThat(uniqueUsers(hour(1), hour(24))).isEqualTo(1);
        assertThat(uniqueUsers(hour(0), hour(23))).isEqualTo(1);
        assertThat(uniqueUsers(hour(5), hour(6))).isEqualTo(1);
        assertThat(uniqueUsers(hour(5).plusMillis(1), hour(24))).isZero();
        assertThat(uniqueUsers(hour(24), hour(0))).isZero();
    }

    @Test
    void anHourWithoutASketchIsCountedFromItsRawEvents() throws SQLException {
        // given
        TestPostgres.shared()
                .createEventPartitions(database.url, LocalDate.ofInstant(DAY, ZoneOffset.UTC));
        store("hour", 5, "users", SketchDatabase.ids("ann", "bob"));
        store("hour", 5, "sessions", SketchDatabase.ids("s-1"));
        rollup(5, 2, 1);
        rollup(6, 2, 2);
        event(6, "e1", "ann", "s-1");
        event(6, "e2", "ann", "s-2");
        event(6, "e3", "zoë", null);
        event(5, "e4", "not in the sketch", "s-3");

        assertThat(uniqueUsers(hour(0), hour(24))).isEqualTo(3);
        assertThat(
                        database.number(
                                "SELECT analytics.unique_sessions('shop', ?, ?)",
                                hour(0),
                                hour(24)))
                .isEqualTo(2);
        assertThat(uniqueUsers(hour(0), hour(6))).isEqualTo(2);
    }

    @Test
    void aSketchRecomputedFromRawEventsHasTheBytesOfTheCode() throws SQLException {
        // given
        TestPostgres.shared()
                .createEventPartitions(database.url, LocalDate.ofInstant(DAY, ZoneOffset.UTC));
        database.execute(
                """
                INSERT INTO analytics.events (project_id, event_id, event_type, user_id, demo_mode, timestamp, received_at)
                SELECT 'shop', 'e-' || i, 'page_viewed', nullif('zoë-' || i % 1501, 'zoë-0'), false,
                       ?::timestamptz + i % 7200 * interval '1 s', now()
                  FROM generate_series(0, 9999) AS i
                """,
                hour(0));

        // when
        UniqueSketch all = new UniqueSketch();
        UniqueSketch few = new UniqueSketch();
        for (int i = 0; i < 10_000; i++) {
            if (i % 1501 != 0 && i % 7200 < 3_600) {
                all.add(Hash128.of("shop", "zoë-" + i % 1501));
            }
            if (i % 1501 != 0 && i % 7200 < 5) {
                few.add(Hash128.of("shop", "zoë-" + i % 1501));
            }
        }

        // then
        assertThat(fromRaw(hour(0), hour(1))).isEqualTo(all.bytes());
        assertThat(fromRaw(hour(0), hour(0).plusSeconds(5))).isEqualTo(few.bytes());
        assertThat(fromRaw(hour(5), hour(6))).isEqualTo(new UniqueSketch().bytes());
    }

    @Test
    void anAnalystCountsRangesAndGroups() throws SQLException {
        // given
        store("hour", 5, "users", SketchDatabase.ids("ann", "bob"));
        store("hour", 29, "users", SketchDatabase.ids("ann"));

        // when
        try (Connection analyst =
                        TestPostgres.connect(TestPostgres.shared().asAnalyst(database.url));
                PreparedStatement byDay =
                        analyst.prepareStatement(
                                """
                                SELECT string_agg(users::text, ' ' ORDER BY day)
                                  FROM (SELECT date_trunc('day', start, 'UTC') AS day, analytics.unique_count(sketch) AS users
                                          FROM analytics.unique_sketches
                                         GROUP BY 1) AS days
                                """);
                ResultSet row = byDay.executeQuery()) {
            row.next();

            // then
            assertThat(row.getString(1)).isEqualTo("2 1");
        }
    }

    private static Instant hour(int number) {
        return DAY.plus(number, ChronoUnit.HOURS);
    }

    private byte[] fromRaw(Instant from, Instant to) throws SQLException {
        return database.bytes(
                "SELECT analytics.unique_union_of(ARRAY[analytics.raw_unique_hashes('shop', 'users', ?, ?)])",
                from,
                to);
    }

    private long uniqueUsers(Instant from, Instant to) throws SQLException {
        return database.number("SELECT analytics.unique_users('shop', ?, ?)", from, to);
    }

    private void store(String grain, int hour, String kind, UniqueSketch sketch)
            throws SQLException {
        database.execute(
                "INSERT INTO analytics.unique_sketches VALUES ('shop', ?, ?, ?, ?)",
                grain,
                hour(hour),
                kind,
                sketch.bytes());
    }

    private void rollup(int hour, int users, int sessions) throws SQLException {
        database.execute(
                "INSERT INTO analytics.hourly_rollups VALUES ('shop', ?, 9, ?, ?, '{}', '{}', '{}', 1)",
                hour(hour),
                sessions,
                users);
    }

    private void event(int hour, String id, String user, @Nullable String session)
            throws SQLException {
        database.execute(
                """
                INSERT INTO analytics.events (project_id, event_id, event_type, user_id, session_id, demo_mode, timestamp, received_at)
                VALUES ('shop', ?, 'page_viewed', ?, ?, false, ?, now())
                """,
                id,
                user,
                session,
                hour(hour));
    }
}
