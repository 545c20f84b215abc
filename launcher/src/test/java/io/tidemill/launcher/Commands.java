package io.tidemill.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.function.Supplier;

/// Runs commands within this process: a process for each would take long. Whoever uses it holds the
/// resource `SYSTEM_OUT`.
final class Commands {

    /// What a command printed, in lines.
    record Result(int exitCode, List<String> out, List<String> err) {

        /// Why the command failed; what the parts of this process log meanwhile is left out.
        List<String> failures() {
            return err.stream().filter(line -> line.startsWith("tidemill: ")).toList();
        }
    }

    private Commands() {}

    /// @param command made anew, after stdout and stderr were taken over
    static Result run(Supplier<Object> command, String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream outBefore = System.out;
        PrintStream errBefore = System.err;
        System.setOut(new PrintStream(out, true, UTF_8));
        System.setErr(new PrintStream(err, true, UTF_8));
        try {
            int exitCode = Tidemill.commandLine(command.get()).execute(arguments);
            return new Result(
                    exitCode,
                    out.toString(UTF_8).lines().toList(),
                    err.toString(UTF_8).lines().toList());
        } finally {
            System.setOut(outBefore);
            System.setErr(errBefore);
        }
    }
}
