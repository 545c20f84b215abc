package io.tidemill.embedded;

import io.tidemill.runtime.StartupException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// A program run to its end.
///
/// @param exitCode {@link #NOT_RUN} when there is no such program or it did not end in time
/// @param output what it wrote, both streams together
record Command(int exitCode, String output) {

    static final int NOT_RUN = -1;

    /// Waits for the program, for a bounded time; then it is killed.
    static Command run(Duration within, List<String> arguments) {
        try {
            // A file, not a pipe: a server that the program leaves behind can't hold it open.
            Path output = Files.createTempFile("tidemill", ".out");
            try {
                return run(within, arguments, output);
            } finally {
                Files.deleteIfExists(output);
            }
        } catch (IOException e) {
            return new Command(NOT_RUN, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartupException("interrupted while running " + arguments.getFirst(), e);
        }
    }

    boolean succeeded() {
        return exitCode == 0;
    }

    private static Command run(Duration within, List<String> arguments, Path output)
            throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(arguments)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        // Variables of other Postgres installations, such as PGDATA, mean nothing here.
        Map<String, String> environment = builder.environment();
        environment.keySet().removeIf(name -> name.startsWith("PG"));
        environment.put("LC_ALL", "C");
        environment.put("TZ", "UTC");
        Process process = builder.start();
        if (!process.waitFor(within)) {
            process.destroyForcibly().waitFor();
            return new Command(NOT_RUN, "no end after " + within.toSeconds() + " s");
        }
        return new Command(
                process.exitValue(),
                new String(Files.readAllBytes(output), StandardCharsets.UTF_8));
    }
}
