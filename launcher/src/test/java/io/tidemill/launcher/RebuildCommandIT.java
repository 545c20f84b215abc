package io.tidemill.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.Event;
import io.tidemill.launcher.Commands.Result;
import io.tidemill.runtime.Env;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.Metrics;
import io.tidemill.sink.SinkConfig;
import io.tidemill.sink.SinkWriter;
import io.tidemill.storage.PostgresUrl;
import io.tidemill.testkit.Events;
import io.tidemill.testkit.TestKafka;
import io.tidemill.testkit.TestPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `tidemill rebuild` with a sink that does the work.
@ResourceLock(Resources.SYSTEM_OUT)
class RebuildCommandIT {

    private static final Instant HOUR =
            Instant.now().truncatedTo(ChronoUnit.HOURS).minus(Duration.ofHours(3));

    private static PostgresUrl postgres;
    private static Metrics metrics;
    private static SinkWriter sink;

    @BeforeAll
    static void start() throws Exception {
        postgres = TestPostgres.shared().freshDatabase();
        TestPostgres.shared()
                .createEventPartitions(
                        postgres, List.of(event(HOUR), event(HOUR.plus(Duration.ofHours(2)))));
        execute(
                """
                INSERT INTO analytics.events (project_id, event_id, timestamp, event_type, user_id, demo_mode, received_at)
                SELECT 'shop', 'e-' || n, '%1$s'::timestamptz + n * interval '40 minutes', 'click', 'ann', false, now()
                  FROM generate_series(0, 3) AS n;
                INSERT INTO analytics.hourly_rollups (project_id, hour, total_events, unique_sessions, unique_users, event_counts, tool_usage, risk_distribution, revision)
                VALUES ('shop', '%1$s', 99, 9, 9, '{}', '{}', '{}', 7)
                """
                        .formatted(HOUR));
        String prefix = TestKafka.shared().freshPrefix();
        TestKafka.shared().createTopics(prefix, 1, 1);
        KafkaConnection kafka = TestKafka.shared().connection(prefix);
        metrics = Metrics.ofProcess();
        sink = SinkWriter.start(SinkConfig.from(new Env(Map.of())), kafka, postgres, metrics);
    }

    @AfterAll
    static void stop() {
        sink.close();
        metrics.close();
    }

    @Test
    void hoursAreRecomputedWhateverTheirRollupsSaid() throws Exception {
        // when
        Result result = run("shop", HOUR, HOUR.plus(Duration.ofHours(3)));

        // then
        assertThat(result.exitCode()).as("%s", result).isZero();
        assertThat(result.out()).containsExactly("3 of 3 hours of shop recomputed");
        assertThat(
                        text(
                                "SELECT string_agg(total_events::text, ' ' ORDER BY hour) FROM analytics.hourly_rollups"))
                .isEqualTo("2 1 1");

        // when
        execute("UPDATE analytics.hourly_rollups SET total_events = 5");
        Result again = run("shop", HOUR, HOUR.plusSeconds(1), "--json");

        // then
        JsonNode json = JsonMapper.shared().readTree(again.out().getFirst());
        assertThat(json.path("hours").asInt()).isEqualTo(1);
        assertThat(json.path("recomputed").asInt()).isEqualTo(1);
        assertThat(
                        text(
                                "SELECT string_agg(total_events::text, ' ' ORDER BY hour) FROM analytics.hourly_rollups"))
                .isEqualTo("2 5 5");
    }

    @Test
    void hoursWithoutRawRowsToCountAreRefusedInOneLine() throws Exception {
        Instant old = HOUR.minus(Duration.ofDays(300));

        Result result = run("shop", old, HOUR.plusSeconds(1));

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.failures())
                .singleElement()
                .asString()
                .startsWith("tidemill: raw rows of ")
                .contains("are not kept, from " + old);
        assertThat(text("SELECT count(*) FROM pipeline.pending_hours WHERE project_id = 'shop'"))
                .isEqualTo("0");
    }

    @Test
    void aProjectThatHasNothingThereIsRefusedInOneLine() {
        Result result = run("shpo", HOUR, HOUR.plusSeconds(1));

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.failures())
                .singleElement()
                .asString()
                .contains("project shpo has no events and no rollups");
    }

    @Test
    void aRangeThatEndsBeforeItBeginsIsRefused() {
        assertThat(run("shop", HOUR, HOUR).exitCode()).isEqualTo(1);
    }

    private static Result run(String project, Instant from, Instant to, String... more) {
        Env env = new Env(Map.of("TIDEMILL_POSTGRES_URL", SampleEvents.address(postgres)));
        String[] arguments = new String[3 + more.length];
        arguments[0] = "--project=" + project;
        arguments[1] = "--from=" + from;
        arguments[2] = "--to=" + to;
        System.arraycopy(more, 0, arguments, 3, more.length);
        return Commands.run(() -> new RebuildCommand(env), arguments);
    }

    private static Event event(Instant at) {
        return Events.event().at(at).build();
    }

    private static String text(String sql) throws Exception {
        try (Connection connection = TestPostgres.connect(postgres);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return String.valueOf(row.getString(1));
        }
    }

    private static void execute(String sql) throws Exception {
        try (Connection connection = TestPostgres.connect(postgres);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
