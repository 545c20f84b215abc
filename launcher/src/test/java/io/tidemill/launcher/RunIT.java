package io.tidemill.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.contract.Event;
import io.tidemill.storage.PostgresUrl;
import io.tidemill.testkit.TestKafka;
import io.tidemill.testkit.TestPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The parts as processes of their own, around one Kafka and one Postgres.
class RunIT {

    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir Path folder;

    private final TestKafka kafka = TestKafka.shared();
    private final PostgresUrl postgres = TestPostgres.shared().emptyDatabase();
    private final String prefix = kafka.freshPrefix();

    @Test
    void partsInProcessesOfTheirOwnCountLikeOne() throws Exception {
        long seed = System.nanoTime();
        Instant lastHour = Instant.now().truncatedTo(ChronoUnit.HOURS).minus(1, ChronoUnit.HOURS);
        List<Event> events = SampleEvents.random(new Random(seed), 1_000, 10, lastHour);
        SampleEvents.write(folder.resolve("events.ndjson"), events);
        try (TidemillProcess front = run("gateway,query");
                TidemillProcess streams = run("streams");
                TidemillProcess sink = run("sink")) {
            // given
            String address =
                    front.awaitLine("Tidemill query,gateway ready: ").replaceFirst(".*ready: ", "");
            streams.awaitLine("Tidemill streams ready: http://127.0.0.1:");
            sink.awaitLine("Tidemill sink ready: http://127.0.0.1:");

            // when
            try (TidemillProcess send =
                    TidemillProcess.start(
                            folder, Map.of(), "send", "--url", address, "events.ndjson")) {
                assertThat(send.awaitExit()).as(send.lines().toString()).isZero();
            }

            // then
            await("seed " + seed)
                    .atMost(SOON)
                    .untilAsserted(() ->
                            assertThat(RollupRows.read(postgres))
                                    .isEqualTo(RollupRows.expected(events)));
            for (TidemillProcess process : List.of(front, streams, sink)) {
                process.terminate();
                assertThat(process.awaitExit()).as(process.lines().toString()).isZero();
            }
        }
    }

    private TidemillProcess run(String parts) throws IOException {
        Map<String, String> environment = new HashMap<>();
        environment.put("TIDEMILL_KAFKA_BOOTSTRAP", kafka.bootstrap());
        environment.put("TIDEMILL_TOPIC_PREFIX", prefix);
        environment.put("TIDEMILL_POSTGRES_URL", SampleEvents.address(postgres));
        environment.put("TIDEMILL_DATA_DIR", folder.resolve(parts).toString());
        environment.put("TIDEMILL_HTTP_PORT", TidemillProcess.freePort());
        return TidemillProcess.start(folder, environment, "run", parts);
    }
}
