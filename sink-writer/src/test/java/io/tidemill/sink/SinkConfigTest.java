package io.tidemill.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.projects.Projects;
import io.tidemill.runtime.Env;
import io.tidemill.runtime.InvalidSettingsException;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.Metrics;
import io.tidemill.runtime.StartupException;
import io.tidemill.storage.PostgresUrl;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SinkConfigTest {

    @Test
    void everythingHasADefault() {
        Env env = new Env(Map.of());

        SinkConfig config = env.read(() -> SinkConfig.from(env));

        assertThat(config)
                .isEqualTo(
                        new SinkConfig(
                                10_000,
                                8L << 20,
                                64L << 20,
                                4,
                                Duration.ofSeconds(30),
                                SinkConfig.Counting.DEFAULT,
                                SinkConfig.Keeping.DEFAULT));
    }

    @Test
    void allMistakesAreReportedTogether() {
        Env env =
                new Env(
                        Map.of(
                                "TIDEMILL_SINK_BATCH_ROWS", "0",
                                "TIDEMILL_SINK_BUFFER_BYTES", "much",
                                "TIDEMILL_SINK_STATEMENT_TIMEOUT", "soon"));

        assertThatThrownBy(() -> env.read(() -> SinkConfig.from(env)))
                .isInstanceOfSatisfying(
                        InvalidSettingsException.class, e -> assertThat(e.problems()).hasSize(3));
    }

    @Test
    void anAddressOfKafkaThatMakesNoSenseIsToldInOneLine() {
        KafkaConnection nowhere = new KafkaConnection("no-port", "p.", Map.of());
        PostgresUrl postgres = new PostgresUrl("127.0.0.1", 1, "d", "u", "");
        Env env = new Env(Map.of());
        try (Metrics metrics = Metrics.ofProcess()) {
            assertThatThrownBy(() ->
                            SinkWriter.start(
                                    SinkConfig.from(env),
                                    nowhere,
                                    postgres,
                                    Projects::open,
                                    metrics))
                    .isInstanceOf(StartupException.class)
                    .hasMessageContaining("no-port")
                    .message()
                    .hasLineCount(1);
        }
    }
}
