package io.tidemill.launcher.send;

import io.tidemill.projects.Secret;
import io.tidemill.runtime.Backoff;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/// Sends batches until each event has a verdict, or gives up for all of them. What is sent again is
/// the same event with the same id, so a retry never counts twice. Thread-safe.
final class EventSender {

    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration LONGEST_RETRY_AFTER = Duration.ofSeconds(30);
    private static final Backoff BACKOFF =
            new Backoff(Duration.ofMillis(200), Duration.ofSeconds(5));
    private static final JsonMapper JSON = JsonMapper.shared();

    private final HttpClient http;
    private final URI endpoint;
    private final Optional<Secret> writeKey;
    private final Duration retryFor;
    private final SendTally tally;
    private final AtomicReference<@Nullable String> failure = new AtomicReference<>();
    private final CountDownLatch stopped = new CountDownLatch(1);

    /// @param place where it stands in its file, for people
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Outgoing(String place, byte[] json) {}

    /// @param again events that are worth another try
    /// @param reason why, for people
    private record Outcome(List<Outgoing> again, String reason, @Nullable Duration retryAfter) {

        static final Outcome DONE = new Outcome(List.of(), "", null);
    }

    /// @param writeKey empty where none is needed
    /// @param retryFor how long a batch is tried again after its first failure
    EventSender(
            HttpClient http,
            URI endpoint,
            Optional<Secret> writeKey,
            Duration retryFor,
            SendTally tally) {
        this.http = http;
        this.endpoint = endpoint;
        this.writeKey = writeKey;
        this.retryFor = retryFor;
        this.tally = tally;
    }

    /// Why nothing more is sent; null while all is well.
    @Nullable String failure() {
        return failure.get();
    }

    /// Blocks until every event of the batch has a verdict, or nothing more is sent.
    void deliver(List<Outgoing> batch) {
        List<Outgoing> rest = batch;
        long firstFailure = 0;
        for (int failures = 0; !rest.isEmpty(); ) {
            Outcome outcome = failure() == null ? post(rest) : null;
            if (outcome == null) {
                tally.unsent(rest.size());
                return;
            }
            rest = outcome.again();
            if (rest.isEmpty()) {
                return;
            }
            failures++;
            firstFailure = failures == 1 ? System.nanoTime() : firstFailure;
            if (System.nanoTime() - firstFailure > retryFor.toNanos()) {
                fail(outcome.reason());
            } else {
                tally.retried();
                pause(outcome, failures);
            }
        }
    }

    /// Null when it told the sender to stop.
    private @Nullable Outcome post(List<Outgoing> batch) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(endpoint)
                        .timeout(REQUEST_TIMEOUT)
                        .header("Content-Type", "application/x-ndjson")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body(batch)));
        writeKey.ifPresent(key -> request.header("Authorization", "Bearer " + key.reveal()));
        try {
            return judge(
                    batch, http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray()));
        } catch (IOException e) {
            String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            return new Outcome(batch, "no answer from " + endpoint + ": " + reason, null);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return stop("interrupted");
        }
    }

    private @Nullable Outcome judge(List<Outgoing> batch, HttpResponse<byte[]> response) {
        int status = response.statusCode();
        JsonNode answer = json(response.body());
        if (status == 429 || status == 408 || status >= 500) {
            return new Outcome(batch, refusal(status, answer), retryAfter(response));
        }
        JsonNode stats = answer.path("stats");
        if (stats.isMissingNode()) {
            return stop(refusal(status, answer));
        }
        tally.accepted(stats.path("processed").asLong(0));
        tally.skipped(stats.path("skipped").asLong(0));
        List<Outgoing> again = new ArrayList<>();
        for (JsonNode error : answer.path("errors")) {
            int index = error.path("event_index").asInt(-1);
            String code = error.path("code").asString("unknown");
            if (code.equals("not_durable") && index >= 0 && index < batch.size()) {
                again.add(batch.get(index));
            } else {
                String place = index >= 0 && index < batch.size() ? batch.get(index).place() : "";
                tally.rejected(code, place + ": " + error.path("error").asString(code));
            }
        }
        return again.isEmpty()
                ? Outcome.DONE
                : new Outcome(again, "the server can't store events", retryAfter(response));
    }

    private void pause(Outcome outcome, int failures) {
        Duration asked = outcome.retryAfter();
        Duration delay =
                asked == null ? BACKOFF.delay(failures, RandomGenerator.getDefault()) : asked;
        try {
            // Ends early when another batch gives up.
            boolean _ = stopped.await(delay.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fail("interrupted");
        }
    }

    private @Nullable Outcome stop(String reason) {
        fail(reason);
        return null;
    }

    private void fail(String reason) {
        failure.compareAndSet(null, reason);
        stopped.countDown();
    }

    private static byte[] body(List<Outgoing> batch) {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        for (Outgoing event : batch) {
            lines.writeBytes(event.json());
            lines.write('\n');
        }
        return lines.toByteArray();
    }

    private static JsonNode json(byte[] body) {
        try {
            return JSON.readTree(body);
        } catch (JacksonException e) {
            return MissingNode.getInstance();
        }
    }

    private static String refusal(int status, JsonNode answer) {
        String code = answer.path("code").asString("");
        String detail = answer.path("detail").asString("");
        return ("the server answered " + status + " " + code + " " + detail).strip();
    }

    private static @Nullable Duration retryAfter(HttpResponse<byte[]> response) {
        String seconds = response.headers().firstValue("Retry-After").orElse("");
        if (!seconds.matches("[0-9]{1,6}")) {
            return null;
        }
        Duration asked = Duration.ofSeconds(Long.parseLong(seconds));
        return asked.compareTo(LONGEST_RETRY_AFTER) > 0 ? LONGEST_RETRY_AFTER : asked;
    }
}
