package io.tidemill.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandLineIT {

    @TempDir Path folder;

    private record Result(int exitCode, List<String> lines) {}

    @Test
    void helpNamesEveryCommand() throws Exception {
        // when
        Result help = run(Map.of(), "--help");

        // then
        assertThat(help.exitCode()).isZero();
        assertThat(String.join("\n", help.lines()))
                .contains(
                        "  up ", "  run ", "  send ", "  verify ", "  partitions ", "  settings ");
    }

    @Test
    void allMistakesInSettingsOfDimensionsAndMeasuresAreTold() throws Exception {
        // given
        Path file =
                Files.writeString(
                        folder.resolve("settings.json"),
                        """
                        {"dimensions": [{"name": "Model", "path": "model"}],
                         "measures": [{"name": "cost", "path": "cost", "by": ["colour"]}]}
                        """);

        // when
        Result result = run(Map.of(), "settings", "apply", file.toString());

        // then
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(String.join("\n", result.lines()))
                .contains("dimensions[0].name is not a name", "by colour: no such dimension");
    }

    @Test
    void theVersionIsThatOfTheBuild() throws Exception {
        assertThat(run(Map.of(), "--version").lines().getFirst()).matches("tidemill \\d+\\.\\d+.*");
    }

    @Test
    void theScriptNamesTheJdkThatItUses() throws Exception {
        assertThat(run(Map.of(), "--java-home").lines())
                .containsExactly(System.getProperty("java.home"));
    }

    @Test
    void anUnknownPartIsAnsweredWithThoseThereAre() throws Exception {
        // when
        Result result = run(Map.of(), "run", "gateway,skin");

        // then
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.lines().getFirst())
                .contains("no part skin", "gateway", "streams", "sink", "query", "kafka");
    }

    @Test
    void allWrongSettingsAreListedAtOnceInLines() throws Exception {
        // when
        Result result =
                run(
                        Map.of(
                                "TIDEMILL_EVENTS_PARTITIONS", "none",
                                "TIDEMILL_KAFKA_PORT", "70000"),
                        "up",
                        "--temporary");

        // then
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.lines())
                .containsExactlyInAnyOrder(
                        "tidemill: TIDEMILL_EVENTS_PARTITIONS is not a whole number: none",
                        "tidemill: TIDEMILL_KAFKA_PORT is not between 0 and 65535: 70000");
    }

    @Test
    void aPartThatNeedsPostgresSaysSoWhenItIsNotToldWhereItIs() throws Exception {
        // when
        Result result = run(Map.of(), "run", "sink");

        // then
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.lines()).hasSize(1);
        assertThat(result.lines().getFirst()).contains("TIDEMILL_POSTGRES_URL is not set");
    }

    @Test
    void aTakenPortIsOneLineThatSaysHowToMoveIt() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            // when
            Result result =
                    run(
                            Map.of("TIDEMILL_HTTP_PORT", Integer.toString(taken.getLocalPort())),
                            "up",
                            "--temporary");

            // then
            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.lines()).hasSize(1);
            assertThat(result.lines().getFirst())
                    .contains("port " + taken.getLocalPort(), "TIDEMILL_HTTP_PORT");
        }
    }

    @Test
    void aServerThatIsNotThereInTimeIsOneLine() throws Exception {
        // given
        String nobody = "127.0.0.1:" + TidemillProcess.freePort();

        // when
        Result result =
                run(
                        Map.of(
                                "TIDEMILL_KAFKA_BOOTSTRAP",
                                nobody,
                                "TIDEMILL_STARTUP_TIMEOUT",
                                "100ms"),
                        "run",
                        "gateway");

        // then
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.lines())
                .anyMatch(line -> line.startsWith("waiting for Kafka at " + nobody))
                .anyMatch(line -> line.startsWith("tidemill: Kafka at " + nobody))
                .noneMatch(line -> line.startsWith("\tat "));
    }

    @Test
    void filesAreThoseOfTheFolderItIsCalledFrom() throws Exception {
        // given
        Files.writeString(folder.resolve("events.ndjson"), "{\"event_type\":\"x\"}\n");

        // when
        Result result =
                run(
                        Map.of("TIDEMILL_HTTP_PORT", TidemillProcess.freePort()),
                        "send",
                        "--retry-seconds=0",
                        "events.ndjson");

        // then
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.lines())
                .anyMatch(line -> line.contains("no answer from http://127.0.0.1"));
    }

    @Test
    void aFileThatIsNotThereIsOneLine() throws Exception {
        // when
        Result result = run(Map.of(), "send", "missing.ndjson");

        // then
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.lines())
                .containsExactly("tidemill: there is no file to read at missing.ndjson");
    }

    private Result run(Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        try (TidemillProcess process = TidemillProcess.start(folder, environment, arguments)) {
            int exitCode = process.awaitExit();
            return new Result(exitCode, process.lines());
        }
    }
}
