package io.tidemill.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class MetricsTableTest {

    @Test
    void aTableHasTheNamesTypesAndLabelsThatPrometheusSees() {
        try (Metrics metrics = Metrics.ofProcess()) {
            // given
            Counter.builder("test.sent.things")
                    .description("Things sent")
                    .tag("kind", "a")
                    .tag("colour", "\"}")
                    .register(metrics.registry());
            Timer.builder("test.duration")
                    .description("How long")
                    .tag("route", "/a")
                    .serviceLevelObjectives(Duration.ofMillis(5))
                    .register(metrics.registry());
            Gauge.builder("test.held", () -> 3)
                    .description("Bytes held")
                    .baseUnit("bytes")
                    .register(metrics.registry());

            // when
            String table = MetricsTable.markdown(metrics.scrape(), "test_");

            // then
            assertThat(table)
                    .isEqualTo(
                            """
                            | metric | type | labels | meaning |
                            |---|---|---|---|
                            | `test_duration_seconds` | histogram | `route` | How long |
                            | `test_held_bytes` | gauge | | Bytes held |
                            | `test_sent_things_total` | counter | `colour`, `kind` | Things sent |
                            """);
        }
    }
}
