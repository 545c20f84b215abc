package io.tidemill.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.Hash128;
import io.tidemill.contract.sketch.UniqueSketch;
import io.tidemill.storage.PostgresUrl;
import io.tidemill.testkit.AnalystQuestions;
import io.tidemill.testkit.AnalystQuestions.Question;
import io.tidemill.testkit.TestPostgres;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The questions of `docs/analysts.md` have the answers that stand there.
class AnalystQuestionsIT {

    private static final String EVENTS =
            """
            SELECT pipeline.create_events_partition(date '2025-10-13' + day) FROM generate_series(0, 8) AS day;
            INSERT INTO analytics.events (project_id, event_id, timestamp, event_type, user_id, session_id, tool_name, properties, demo_mode, received_at)
            SELECT project_id, 'e-' || timestamp, timestamp::timestamptz, event_type, user_id, session_id, tool_name, properties::jsonb, false, now()
              FROM (VALUES
                ('shop', '2025-10-13T09:05Z', 'page_viewed',       'ann', 's-1', 'editor', '{"page":"/home"}'),
                ('shop', '2025-10-13T09:20Z', 'tool_used',         'ann', 's-1', 'editor', '{}'),
                ('shop', '2025-10-13T10:00Z', 'page_viewed',       'bob', 's-2', NULL,     '{"page":"/pricing"}'),
                ('shop', '2025-10-14T09:10Z', 'tool_used',         'ann', 's-3', 'search', '{}'),
                ('shop', '2025-10-14T09:15Z', 'tool_used',         'ann', 's-3', 'editor', '{}'),
                ('shop', '2025-10-14T23:50Z', 'risk_mode_changed', 'bob', 's-4', NULL,     '{"risk_mode":"high"}'),
                ('shop', '2025-10-15T00:10Z', 'risk_mode_changed', 'bob', 's-4', NULL,     '{"risk_mode":"low"}'),
                ('shop', '2025-10-16T12:00Z', 'page_viewed',       'eve', 's-5', NULL,     '{"page":"/home"}'),
                ('shop', '2025-10-20T08:00Z', 'tool_used',         'ann', 's-6', 'editor', '{}'),
                ('shop', '2025-10-20T08:30Z', 'tool_used',         'eve', 's-7', 'editor', '{}'),
                ('shop', '2025-10-21T10:00Z', 'page_viewed',       'dan', 's-8', NULL,     '{"page":"/home"}'),
                ('lab',  '2025-10-14T09:00Z', 'completion',        'kim', 's-9', NULL,     '{"model":"large","cost_usd":0.31}'),
                ('lab',  '2025-10-14T09:01Z', 'completion',        'kim', 's-9', NULL,     '{"model":"small","cost_usd":0.002}'),
                ('lab',  '2025-10-14T10:02Z', 'completion',        'kim', 's-9', NULL,     '{"model":"small","cost_usd":0.0105}'),
                ('bank', '2025-10-14T09:00Z', 'page_viewed',       'zoe', 's-9', 'editor', '{"page":"/home"}'))
                AS sent (project_id, timestamp, event_type, user_id, session_id, tool_name, properties)
            """;

    private static final String ROLLUPS =
            """
            INSERT INTO pipeline.completeness (complete_through) VALUES ('2025-10-21T12:34:56Z');
            INSERT INTO analytics.settings_versions VALUES (1, '2025-10-13Z', '{"dimensions":[{"name":"model","path":"model"}],"measures":[{"name":"cost_usd","path":"cost_usd","where":{},"factor":1,"by":["model"]}]}');
            INSERT INTO analytics.hourly_rollup_measures
            SELECT * FROM analytics.raw_measures(NULL, '2025-10-13Z', '2025-10-22Z');
            INSERT INTO analytics.hourly_rollup_dimensions
            SELECT project_id, date_trunc('hour', timestamp, 'UTC') AS hour, dimension, value, count(*)
              FROM analytics.events
             CROSS JOIN LATERAL (VALUES ('event_type', event_type), ('tool', tool_name), ('risk_mode', properties ->> 'risk_mode')) AS each (dimension, value)
             WHERE value IS NOT NULL
             GROUP BY 1, 2, 3, 4;
            INSERT INTO analytics.hourly_rollups
            SELECT project_id, hour, count(*), count(DISTINCT session_id), count(DISTINCT user_id),
                   (SELECT jsonb_object_agg(value, each.events) FROM analytics.hourly_rollup_dimensions AS each
                     WHERE each.project_id = raw.project_id AND each.hour = raw.hour AND dimension = 'event_type'), '{}', '{}', 1
              FROM (SELECT *, date_trunc('hour', timestamp, 'UTC') AS hour FROM analytics.events) AS raw
             GROUP BY 1, 2;
            INSERT INTO analytics.retention_cohorts SELECT 'shop', * FROM analytics.raw_retention('shop')
            """;

    private static final PostgresUrl POSTGRES = TestPostgres.shared().freshDatabase();

    @BeforeAll
    static void fill() throws SQLException {
        try (Connection connection = TestPostgres.connect(POSTGRES);
                Statement statement = connection.createStatement()) {
            statement.execute(EVENTS);
            statement.execute(ROLLUPS);
            for (String grain : List.of("hour", "day")) {
                sketch(connection, grain, "users", "user_id");
                sketch(connection, grain, "sessions", "session_id");
            }
        }
    }

    @Test
    void thereAreElevenQuestions() {
        assertThat(AnalystQuestions.all()).hasSize(11);
    }

    static List<Question> questions() {
        return AnalystQuestions.all();
    }

    @ParameterizedTest
    @MethodSource("questions")
    void aQuestionHasTheAnswerOfThePage(Question question) throws SQLException {
        PostgresUrl analyst = TestPostgres.shared().asAnalyst(POSTGRES);
        try (Connection connection = TestPostgres.connect(analyst);
                Statement statement = connection.createStatement()) {
            statement.execute("SET TIME ZONE 'UTC'");

            List<String> answer = table(statement.executeQuery(question.sql()));

            assertThat(question.answer()).isEqualTo(answer);
        }
    }

    /// A Markdown table.
    private static List<String> table(ResultSet result) throws SQLException {
        int columns = result.getMetaData().getColumnCount();
        List<String> names = new ArrayList<>();
        for (int column = 1; column <= columns; column++) {
            names.add(result.getMetaData().getColumnLabel(column));
        }
        List<String> lines = new ArrayList<>();
        lines.add(line(names));
        lines.add("|" + "---|".repeat(columns));
        while (result.next()) {
            List<String> cells = new ArrayList<>();
            for (int column = 1; column <= columns; column++) {
                cells.add(String.valueOf(result.getString(column)));
            }
            lines.add(line(cells));
        }
        return lines;
    }

    private static String line(List<String> cells) {
        return cells.stream().collect(Collectors.joining(" | ", "| ", " |"));
    }

    /// Sketches as the topology makes them: by project and hour, and of closed days.
    private static void sketch(Connection connection, String grain, String kind, String column)
            throws SQLException {
        try (Statement read = connection.createStatement();
                PreparedStatement write =
                        connection.prepareStatement(
                                "INSERT INTO analytics.unique_sketches VALUES (?, ?,"
                                        + " ?::timestamptz, ?, ?)");
                ResultSet ids =
                        read.executeQuery(
                                "SELECT project_id, date_trunc('%s', timestamp, 'UTC')::text, array_agg(DISTINCT %s) FROM analytics.events GROUP BY 1, 2"
                                        .formatted(grain, column))) {
            while (ids.next()) {
                String project = ids.getString(1);
                String[] members = (String[]) ids.getArray(3).getArray();
                UniqueSketch sketch = new UniqueSketch();
                IntStream.range(0, members.length)
                        .forEach(i -> sketch.add(Hash128.of(project, members[i])));
                write.setString(1, project);
                write.setString(2, grain);
                write.setString(3, ids.getString(2));
                write.setString(4, kind);
                write.setBytes(5, sketch.bytes());
                write.executeUpdate();
            }
        }
    }
}
