package io.tidemill.guarantees.processes;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Tidemill's commands, each run to its end.
public final class CommandLine {

    private static final int HEAP_MEGABYTES = 256;
    private static final int MINUTES = 5;

    private final Jvm jvm;
    private final Path errors;

    /// @param errors takes stderr, appended
    public CommandLine(Jvm jvm, Path errors) {
        this.jvm = jvm;
        this.errors = errors;
    }

    /// @return stdout, whatever the exit code
    public String run(Map<String, String> settings, List<String> arguments)
            throws InterruptedException {
        try {
            Path output = Files.createTempFile("tidemill", ".out");
            ProcessBuilder builder =
                    new ProcessBuilder(jvm.command(HEAP_MEGABYTES, Parts.MAIN, arguments))
                            .redirectOutput(output.toFile())
                            .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()));
            builder.environment().clear();
            builder.environment().putAll(Environment.with(settings));
            Process process = builder.start();
            if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new IllegalStateException(arguments + " did not end");
            }
            String text = Files.readString(output, UTF_8);
            Files.delete(output);
            return text;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
