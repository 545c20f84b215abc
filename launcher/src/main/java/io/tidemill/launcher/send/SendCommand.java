package io.tidemill.launcher.send;

import io.tidemill.launcher.send.EventSender.Outgoing;
import io.tidemill.projects.Secret;
import io.tidemill.runtime.Env;
import io.tidemill.runtime.HttpSettings;
import io.tidemill.runtime.Setting;
import io.tidemill.runtime.StartupException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `tidemill send`: every event of some files gets a verdict, and the summary says which.
@Command(
        name = "send",
        description = {
            "Sends the events of files through the HTTP API: NDJSON or a JSON array, plain or gzip.",
            "What fails in passing is sent again, as the same event. Events without an id get one,"
                    + " made of the event itself when it has a timestamp; so sending a file again"
                    + " (with the same shift) counts nothing twice."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit code:%n",
        exitCodeList = {"0:every event was accepted", "1:some were rejected or could not be sent"})
public final class SendCommand implements Callable<Integer> {

    public static final Setting<String> WRITE_KEY =
            Setting.text(
                    "TIDEMILL_WRITE_KEY",
                    "",
                    "the write key that `send` sends with, where one is needed");

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "The files to send.")
    private List<Path> files = List.of();

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "Where Tidemill answers; default: http://127.0.0.1:$TIDEMILL_HTTP_PORT.")
    private @Nullable URI url;

    @Option(
            names = "--key",
            paramLabel = "KEY",
            description =
                    "The write key of the project to send to; default: $TIDEMILL_WRITE_KEY, which"
                            + " no list of processes shows.")
    private @Nullable String key;

    @ArgGroup private ShiftOptions shiftOptions = new ShiftOptions();

    @Option(
            names = "--batch",
            defaultValue = "500",
            description = "Events in a request, at most; default: ${DEFAULT-VALUE}.")
    private int batchEvents;

    @Option(
            names = "--parallel",
            defaultValue = "4",
            description = "Requests at the same time; default: ${DEFAULT-VALUE}.")
    private int parallel;

    @Option(
            names = "--retry-seconds",
            defaultValue = "60",
            description =
                    "How long a request is tried again before giving up; default:"
                            + " ${DEFAULT-VALUE}.")
    private long retrySeconds;

    static final class ShiftOptions {
        @Option(
                names = "--shift-to-now",
                description =
                        "Move all timestamps by the same whole number of hours, so that the newest"
                                + " falls in the last full hour.")
        boolean toNow;

        @Option(
                names = "--shift-hours",
                paramLabel = "N",
                description = "Move all timestamps by N hours: repeats an earlier shift.")
        @Nullable Long hours;
    }

    private final PrintStream out = System.out;
    private final PrintStream err = System.err;
    private final Clock clock = Clock.systemUTC();

    @Override
    public Integer call() throws InterruptedException {
        if (batchEvents < 1 || parallel < 1 || retrySeconds < 0) {
            throw new StartupException("--batch and --parallel are at least 1, --retry-seconds 0");
        }
        URI endpoint = endpoint();
        Optional<Secret> writeKey = writeKey();
        EventFiles events = new EventFiles(files);
        TimeShift shift = shift(events);
        SendTally tally = new SendTally();
        try (HttpClient http =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(Duration.ofSeconds(5))
                        .build()) {
            EventSender sender =
                    new EventSender(
                            http, endpoint, writeKey, Duration.ofSeconds(retrySeconds), tally);
            Duration elapsed = send(events, shift, sender, tally);
            return summarize(tally, sender.failure(), elapsed);
        }
    }

    private URI endpoint() {
        URI base = url;
        if (base == null) {
            Env env = Env.ofProcess();
            base = URI.create("http://127.0.0.1:" + env.read(() -> env.get(HttpSettings.PORT)));
        }
        if (base.getHost() == null || !Set.of("http", "https").contains(base.getScheme())) {
            throw new StartupException("--url is no address like http://127.0.0.1:8080: " + base);
        }
        return URI.create(base.toString().replaceAll("/+$", "") + "/api/events");
    }

    private Optional<Secret> writeKey() {
        Env env = Env.ofProcess();
        String text = key == null ? env.read(() -> env.get(WRITE_KEY)) : key;
        if (text.isBlank()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Secret.of(text.strip()));
        } catch (IllegalArgumentException e) {
            throw new StartupException("--key or " + WRITE_KEY.name() + ": " + e.getMessage(), e);
        }
    }

    private TimeShift shift(EventFiles events) throws InterruptedException {
        if (shiftOptions.hours != null) {
            return new TimeShift(shiftOptions.hours);
        }
        if (!shiftOptions.toNow) {
            return TimeShift.NONE;
        }
        OptionalLong newest = events.newestMillis();
        if (newest.isEmpty()) {
            throw new StartupException("no event has a timestamp to shift by");
        }
        TimeShift shift = TimeShift.toLastFullHour(newest.getAsLong(), clock.millis());
        out.println("shifted by " + shift.hours() + " hours");
        out.println("to send the same events again: --shift-hours " + shift.hours());
        return shift;
    }

    private Duration send(EventFiles events, TimeShift shift, EventSender sender, SendTally tally)
            throws InterruptedException {
        try (Progress progress =
                        Progress.start(err, events.totalBytes(), events::bytesRead, tally);
                Batches batches = new Batches(sender, batchEvents, parallel)) {
            events.forEach((place, json) -> {
                batches.add(
                        new Outgoing(
                                place, EventText.of(json).toSend(shift, place, clock.instant())));
                return sender.failure() == null;
            });
            batches.finish();
            return progress.elapsed();
        }
    }

    private int summarize(SendTally tally, @Nullable String failure, Duration elapsed) {
        out.printf(
                Locale.ROOT,
                "sent %,d events in %.1f s (%,d/s): %,d accepted, %,d skipped, %,d rejected%n",
                tally.sentEvents(),
                elapsed.toMillis() / 1e3,
                Progress.rate(tally.sentEvents(), elapsed),
                tally.acceptedEvents(),
                tally.skippedEvents(),
                tally.rejectedEvents());
        tally.reasons().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(reason ->
                        out.printf(
                                Locale.ROOT,
                                "  %,d x %s, such as %s%n",
                                reason.getValue().events(),
                                reason.getKey(),
                                reason.getValue().example()));
        if (failure != null) {
            err.println("tidemill: stopped before the end: " + failure);
            err.println("sending again with the same shift is safe: nothing is counted twice");
        }
        return failure == null && tally.isClean() ? 0 : 1;
    }
}
