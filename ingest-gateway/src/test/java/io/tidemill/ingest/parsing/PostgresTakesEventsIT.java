package io.tidemill.ingest.parsing;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.Event;
import io.tidemill.contract.JsonText;
import io.tidemill.testkit.TestPostgres;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What is accepted here never stops the sink there.
class PostgresTakesEventsIT {

    private static final int EVENTS = 3_000;

    @Test
    void everyAcceptedEventIsOneForPostgresToo() throws SQLException {
        // given
        long seed = Long.getLong("fuzz.seed", System.nanoTime());
        System.out.println("PostgresTakesEventsIT seed=" + seed);
        List<Event> accepted = accepted(seed);

        // when
        try (Connection connection = TestPostgres.connect(TestPostgres.shared().freshDatabase());
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TEMPORARY TABLE taken (LIKE analytics.events)");
            insert(connection, accepted);

            // then
            assertThat(statement.executeQuery("SELECT count(*) FROM taken"))
                    .satisfies(rows -> {
                        rows.next();
                        assertThat(rows.getInt(1)).as("seed " + seed).isEqualTo(EVENTS);
                    });
        }
    }

    private static List<Event> accepted(long seed) {
        HostileBodies bodies = new HostileBodies(new SplittableRandom(seed));
        List<Event> accepted = new ArrayList<>();
        while (accepted.size() < EVENTS) {
            for (Verdict verdict : verdicts(bodies.json())) {
                if (verdict instanceof Verdict.Accepted(Event event) && accepted.size() < EVENTS) {
                    accepted.add(event);
                }
            }
        }
        return accepted;
    }

    private static List<Verdict> verdicts(byte[] body) {
        try {
            return Parsed.events(body);
        } catch (RefusedException e) {
            return List.of();
        }
    }

    private static void insert(Connection connection, List<Event> events) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement(
                        """
                        INSERT INTO taken (project_id, event_id, event_type, user_id, session_id,
                            tool_name, action, demo_mode, properties, metadata, prompt_text,
                            ai_response, timestamp, received_at, clock_offset_ms)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb, ?::jsonb, ?, ?,
                            to_timestamp(?::float8 / 1000), to_timestamp(?::float8 / 1000), ?)
                        """)) {
            for (Event event : events) {
                bind(insert, event);
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private static void bind(PreparedStatement insert, Event event) throws SQLException {
        insert.setString(1, event.projectId());
        insert.setString(2, event.eventId());
        insert.setString(3, event.eventType());
        insert.setString(4, event.userId());
        insert.setString(5, event.sessionId());
        insert.setString(6, event.toolName());
        insert.setString(7, event.action());
        insert.setBoolean(8, event.demoMode());
        insert.setString(9, text(event.properties()));
        insert.setString(10, text(event.metadata()));
        insert.setString(11, event.promptText());
        insert.setString(12, event.aiResponse());
        insert.setLong(13, event.timestampMillis());
        insert.setLong(14, event.receivedAtMillis());
        insert.setObject(15, event.clockOffsetMillis());
    }

    private static @Nullable String text(@Nullable JsonText json) {
        return json == null ? null : json.toString();
    }
}
