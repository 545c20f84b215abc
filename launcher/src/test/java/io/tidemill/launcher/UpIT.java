package io.tidemill.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.contract.Event;
import io.tidemill.storage.PostgresUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `./tidemill up` as a process, with everything that it starts.
class UpIT {

    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir Path folder;

    private final long seed = System.nanoTime();
    private final List<Event> events =
            SampleEvents.random(
                    new Random(seed),
                    4_000,
                    30,
                    Instant.now().truncatedTo(ChronoUnit.HOURS).minus(1, ChronoUnit.HOURS));
    private Map<String, String> ports;
    private Path data;

    @BeforeEach
    void prepare() throws IOException {
        ports = TidemillProcess.freePorts();
        data = folder.resolve("data");
        SampleEvents.write(folder.resolve("events.ndjson"), events);
    }

    @Test
    void everythingIsCountedOnceThoughAllOfItIsKilledWhileSending() throws Exception {
        TidemillProcess up = up();
        up.awaitLine("Tidemill is ready: http://127.0.0.1:" + ports.get("TIDEMILL_HTTP_PORT"));
        try (TidemillProcess send = send("--batch=20", "--parallel=2")) {
            // given
            await().atMost(SOON).until(() -> rawEvents() > 500);
            secondUpIsRefused();

            // when
            up.killEverything(data);
            up = up();
            up.awaitLine("Tidemill is ready: ");

            // then
            assertThat(send.awaitExit()).as(() -> String.join("\n", send.lines())).isZero();
            awaitRollups();
            try (TidemillProcess again = send()) {
                assertThat(again.awaitExit()).isZero();
                assertThat(again.lines()).anyMatch(line -> line.contains("4,000 accepted"));
            }
            assertThat(verify()).isZero();
            awaitRollups();
            assertThat(rawEvents()).isEqualTo(4_000);
            up.terminate();
            assertThat(up.awaitExit()).isZero();
        } finally {
            up.killEverything(data);
        }
    }

    @Test
    void temporaryDataIsGoneAtTheEnd() throws Exception {
        try (TidemillProcess up = TidemillProcess.start(folder, ports, "up", "--temporary")) {
            // given
            up.awaitLine("Tidemill is ready: ");
            Path temporary =
                    Path.of(
                            up.awaitLine("  data")
                                    .replaceFirst("  data +", "")
                                    .replace(" (deleted at the end)", ""));
            assertThat(temporary.resolve("postgres")).isDirectory();

            // when
            up.terminate();

            // then
            assertThat(up.awaitExit()).isZero();
            assertThat(temporary).doesNotExist();
            assertThat(Files.exists(folder.resolve(".tidemill"))).isFalse();
        }
    }

    private TidemillProcess up() throws IOException {
        return TidemillProcess.start(folder, ports, "up", "--data-dir", "data");
    }

    private TidemillProcess send(String... options) throws IOException {
        String[] arguments = new String[options.length + 2];
        arguments[0] = "send";
        System.arraycopy(options, 0, arguments, 1, options.length);
        arguments[arguments.length - 1] = "events.ndjson";
        return TidemillProcess.start(folder, ports, arguments);
    }

    private void secondUpIsRefused() throws Exception {
        try (TidemillProcess second = up()) {
            assertThat(second.awaitExit()).isEqualTo(1);
            assertThat(second.lines()).hasSize(1);
            assertThat(second.lines().getFirst()).contains(data.toString(), "in use");
        }
    }

    private int verify() throws Exception {
        try (TidemillProcess verify = TidemillProcess.start(folder, ports, "verify")) {
            return verify.awaitExit();
        }
    }

    private void awaitRollups() {
        await("seed " + seed)
                .atMost(SOON)
                .untilAsserted(() ->
                        assertThat(RollupRows.read(analyst()))
                                .isEqualTo(RollupRows.expected(events)));
    }

    private long rawEvents() throws SQLException {
        PostgresUrl url = analyst();
        try (Connection connection =
                        DriverManager.getConnection(url.jdbcUrl(), url.jdbcProperties());
                Statement statement = connection.createStatement();
                ResultSet count = statement.executeQuery("SELECT count(*) FROM analytics.events")) {
            count.next();
            return count.getLong(1);
        }
    }

    private PostgresUrl analyst() {
        int port = Integer.parseInt(ports.get("TIDEMILL_POSTGRES_PORT"));
        return new PostgresUrl("127.0.0.1", port, "tidemill", "analyst", "analyst");
    }
}
