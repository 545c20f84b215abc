package io.tidemill.sink;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.tidemill.sink.BatchWriter.Outcome;
import io.tidemill.sink.HourOwners.Waiting;
import io.tidemill.sink.PartitionBuffer.Batch;
import io.tidemill.sink.RecordTable.Rejected;
import io.tidemill.sink.RecordTable.Row;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// The meters of the sink. Records read = rows written + rows unchanged + rows set aside, counted
/// when their transaction is committed. Thread-safe.
final class SinkMetrics {

    private static final Duration[] VISIBLE_WITHIN = {
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(2),
        Duration.ofSeconds(5),
        Duration.ofSeconds(15),
        Duration.ofMinutes(1),
        Duration.ofMinutes(10),
        Duration.ofHours(1)
    };

    private final MeterRegistry registry;
    private final AtomicLong bufferedBytes = new AtomicLong();
    private final AtomicLong completeThroughSeconds = new AtomicLong();
    private final AtomicLong unconfirmedWindows = new AtomicLong();
    private final Map<String, AtomicLong> waitingHours = new HashMap<>();
    private final AtomicLong longestWaitSeconds = new AtomicLong();

    SinkMetrics(MeterRegistry registry) {
        this.registry = registry;
        registry.gauge("tidemill.sink.buffered.bytes", bufferedBytes);
        registry.gauge("tidemill.sink.complete.through.seconds", completeThroughSeconds);
        registry.gauge("tidemill.sink.retention.unconfirmed", unconfirmedWindows);
        for (String state : List.of("announced", "due", "paced")) {
            AtomicLong hours = new AtomicLong();
            waitingHours.put(state, hours);
            registry.gauge("tidemill.sink.hours.waiting", Tags.of("state", state), hours);
        }
        registry.gauge("tidemill.sink.hours.waiting.seconds", longestWaitSeconds);
    }

    void written(String table, Batch batch, Outcome outcome, long startedNanos) {
        rows(table, "written", outcome.tally().written());
        rows(table, "unchanged", outcome.tally().unchanged() + outcome.rows().repeated());
        rows(table, "rejected", outcome.rejected().size());
        for (Rejected rejected : outcome.rejected()) {
            registry.counter("tidemill.sink.rejected", "reason", rejected.reason()).increment();
        }
        DistributionSummary.builder("tidemill.sink.batch.rows")
                .tag("table", table)
                .register(registry)
                .record(batch.records().size());
        registry.timer("tidemill.sink.batch", "table", table)
                .record(System.nanoTime() - startedNanos, TimeUnit.NANOSECONDS);
        Timer visible = receiptToVisible(table);
        long now = System.currentTimeMillis();
        for (Row row : outcome.rows().rows()) {
            visible.record(Math.max(0, now - receivedAt(row)), TimeUnit.MILLISECONDS);
        }
    }

    /// Of an event, by the gateway; of all else, by Kafka.
    private static long receivedAt(Row row) {
        return row instanceof RawEventTable.EventRow event
                ? event.receivedAtMillis()
                : row.origin().timestamp();
    }

    private Timer receiptToVisible(String table) {
        return Timer.builder("tidemill.sink.receipt.to.visible")
                .tag("table", table)
                .serviceLevelObjectives(VISIBLE_WITHIN)
                .register(registry);
    }

    /// A batch is redone because some of its rows are there already.
    void conflict(String table) {
        registry.counter("tidemill.sink.conflicts", "table", table).increment();
    }

    /// A batch that failed is tried again later.
    void retry(Throwable error) {
        registry.counter("tidemill.sink.retries", "cause", SqlStates.family(error)).increment();
    }

    /// Hours became the raw table's.
    void handedOver(long hours) {
        registry.counter("tidemill.sink.hours.handed.over").increment((double) hours);
    }

    /// Hours that wait to be made of raw rows, as the database has it: all sinks say the same.
    void waiting(List<Waiting> found) {
        waitingHours.forEach((state, hours) ->
                hours.set(
                        found.stream()
                                .filter(waiting -> waiting.state().equals(state))
                                .mapToLong(Waiting::hours)
                                .sum()));
        longestWaitSeconds.set(found.stream().mapToLong(Waiting::seconds).max().orElse(0));
    }

    /// An hour was recomputed from raw rows.
    ///
    /// @param done false when there was nothing to do any more
    void recomputed(boolean done, long startedNanos) {
        if (done) {
            registry.timer("tidemill.sink.recomputation")
                    .record(System.nanoTime() - startedNanos, TimeUnit.NANOSECONDS);
        }
    }

    /// An hour that waited for it was compared with its raw rows.
    void compared(HourComparison.Result result) {
        if (result != HourComparison.Result.NOT_DONE) {
            String tag = result.name().toLowerCase(Locale.ROOT);
            registry.counter("tidemill.sink.comparisons", "result", tag).increment();
        }
    }

    /// An hour had its turn with the background reconciler.
    ///
    /// @param equal projects
    /// @param different projects
    void reconciled(int equal, int different) {
        reconciled("equal", equal);
        reconciled("different", different);
    }

    private void reconciled(String result, int hours) {
        registry.counter("tidemill.sink.reconciled.hours", "result", result).increment(hours);
    }

    /// Windows that became shorter and wait to be confirmed.
    void unconfirmedWindows(int windows) {
        unconfirmedWindows.set(windows);
    }

    /// A day past its window was removed.
    void dayRemoved() {
        registry.counter("tidemill.sink.retention.days").increment();
    }

    /// Rows past their windows were deleted.
    void rowsRemoved(long rows) {
        registry.counter("tidemill.sink.retention.rows").increment((double) rows);
    }

    /// Rows of a user who is erased were deleted.
    void erased(long rows) {
        registry.counter("tidemill.sink.erased.rows").increment((double) rows);
    }

    /// Another writer moved the offset of a partition.
    void fenced() {
        registry.counter("tidemill.sink.fenced").increment();
    }

    /// The consumer was opened anew after an unexpected error.
    void reopened() {
        registry.counter("tidemill.sink.consumer.reopened").increment();
    }

    void buffered(long bytes) {
        bufferedBytes.set(bytes);
    }

    void completeThrough(long epochMillis) {
        completeThroughSeconds.set(epochMillis / 1000);
    }

    private void rows(String table, String result, long count) {
        registry.counter("tidemill.sink.rows", "table", table, "result", result)
                .increment((double) count);
    }
}
