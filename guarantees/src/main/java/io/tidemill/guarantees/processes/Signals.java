package io.tidemill.guarantees.processes;

import java.io.IOException;
import java.io.UncheckedIOException;

/// Signals that Java has no words for.
final class Signals {

    private Signals() {}

    /// A process that has ended by now is none to worry about.
    ///
    /// @param signal as `kill` names it: STOP, CONT, QUIT, INT
    static void send(String signal, long pid) {
        try {
            int _ =
                    new ProcessBuilder("kill", "-" + signal, Long.toString(pid))
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException("can't send signals", e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
