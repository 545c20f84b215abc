package io.tidemill.guarantees.processes;

import java.io.IOException;

/// Programs of the operating system.
final class Commands {

    private static final int NOT_STARTED = -1;

    private Commands() {}

    /// @throws IllegalStateException when it doesn't end with 0
    static void run(String... command) throws InterruptedException {
        int code = exitCode(command);
        if (code != 0) {
            throw new IllegalStateException(String.join(" ", command) + " ended with " + code);
        }
    }

    /// @return whether it is there and ended with 0
    static boolean succeeds(String... command) throws InterruptedException {
        return exitCode(command) == 0;
    }

    private static int exitCode(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException _) {
            return NOT_STARTED;
        }
    }
}
