package io.tidemill.launcher.send;

import java.io.Console;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// Shows how far sending is: a bar that is drawn over itself on a terminal, a line now and then
/// elsewhere.
final class Progress implements AutoCloseable {

    private static final int BAR_WIDTH = 30;
    private static final long REDRAW_MILLIS = 100;
    private static final long LINE_MILLIS = 10_000;

    private final PrintStream out;
    private final boolean terminal;
    private final long totalBytes;
    private final LongSupplier bytesRead;
    private final SendTally tally;
    private final long startNanos = System.nanoTime();
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("progress").factory());

    private Progress(
            PrintStream out,
            boolean terminal,
            long totalBytes,
            LongSupplier bytesRead,
            SendTally tally) {
        this.out = out;
        this.terminal = terminal;
        this.totalBytes = totalBytes;
        this.bytesRead = bytesRead;
        this.tally = tally;
    }

    static Progress start(
            PrintStream out, long totalBytes, LongSupplier bytesRead, SendTally tally) {
        Progress progress = new Progress(out, isTerminal(), totalBytes, bytesRead, tally);
        long period = progress.terminal ? REDRAW_MILLIS : LINE_MILLIS;
        ScheduledFuture<?> _ =
                progress.timer.scheduleAtFixedRate(
                        progress::draw, period, period, TimeUnit.MILLISECONDS);
        return progress;
    }

    /// Time since the start.
    Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }

    /// Leaves a full line behind on a terminal, and nothing elsewhere.
    @Override
    public void close() {
        timer.close();
        if (terminal) {
            draw();
            out.println();
        }
    }

    static String bar(double fraction) {
        int filled = (int) (Math.clamp(fraction, 0, 1) * BAR_WIDTH);
        return "[" + "=".repeat(filled) + " ".repeat(BAR_WIDTH - filled) + "]";
    }

    static String line(double fraction, long events, long retries, Duration elapsed) {
        String line =
                String.format(
                        Locale.ROOT,
                        "%3.0f %%  %,d events  %,d/s",
                        Math.clamp(fraction, 0, 1) * 100,
                        events,
                        rate(events, elapsed));
        return retries == 0 ? line : line + "  " + retries + " retries";
    }

    static long rate(long events, Duration elapsed) {
        return Math.round(events / Math.max(0.001, elapsed.toNanos() / 1e9));
    }

    @SuppressWarnings("SystemConsoleNull") // as of JDK 25 it is null again without a terminal
    private static boolean isTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    private void draw() {
        double fraction = totalBytes == 0 ? 1 : (double) bytesRead.getAsLong() / totalBytes;
        String line = line(fraction, tally.sentEvents(), tally.retriedRequests(), elapsed());
        if (terminal) {
            // Back to the start of the line, and clear to its end.
            out.print("\r" + bar(fraction) + " " + line + "\u001b[K");
            out.flush();
        } else {
            out.println(line.strip());
        }
    }
}
