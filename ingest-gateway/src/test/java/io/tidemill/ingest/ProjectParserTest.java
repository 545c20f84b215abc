package io.tidemill.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.ingest.parsing.EventParser;
import io.tidemill.ingest.parsing.Rejection;
import io.tidemill.ingest.parsing.Verdict;
import io.tidemill.projects.Project;
import io.tidemill.projects.RateLimits;
import io.tidemill.projects.Retention;
import io.tidemill.runtime.Env;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// An event is never so old that its project might drop it before it has arrived.
class ProjectParserTest {

    private static final Instant NOW = Instant.parse("2025-10-18T01:00:00Z");

    @ParameterizedTest
    @CsvSource({
        "30d, , P29D",
        "7d, , P6D",
        "1d, , PT12H",
        "forever, , P29D",
        "30d, 1d, PT12H",
        "30d, 2d, P1D",
        "7d, 30d, P29D",
        "7d, 400d, P29D",
        "7d, forever, P29D"
    })
    void theOldestIsADayYoungerThanItsProjectKeepsAndNoOlderThanTheSetting(
            String byDefault, @Nullable String own, Duration longest) {
        // given
        IngestConfig config =
                IngestConfig.from(new Env(Map.of("TIDEMILL_RAW_RETENTION", byDefault)));
        Retention retention = own == null ? null : Retention.parse(own);

        // then
        assertThat(verdict(config, retention, NOW.minus(longest)))
                .isInstanceOf(Verdict.Accepted.class);
        assertThat(verdict(config, retention, NOW.minus(longest).minusMillis(1)))
                .isInstanceOfSatisfying(
                        Verdict.Rejected.class,
                        it -> assertThat(it.rejection()).isEqualTo(Rejection.TIMESTAMP_TOO_OLD));
    }

    private static Verdict verdict(
            IngestConfig config, @Nullable Retention retention, Instant timestamp) {
        Project project = new Project("p", false, RateLimits.UNLIMITED, retention, null, List.of());
        String event =
                """
                {"event_type":"t","session_id":"s","timestamp":"%s"}\
                """
                        .formatted(timestamp);
        EventParser parser = new EventParser(config.eventLimits(), new SplittableRandom(1));
        return new ProjectParser(parser, config.rawRetention())
                .of(project)
                .parseEvents(
                        event.getBytes(StandardCharsets.UTF_8), project.id(), NOW.toEpochMilli())
                .getFirst();
    }
}
