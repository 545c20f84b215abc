package io.tidemill.ingest;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.tidemill.ingest.parsing.Rejection;
import io.tidemill.ingest.parsing.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import reactor.core.publisher.Mono;

/// Counts what becomes of events and requests. Accepted, rejected, skipped, not durable and
/// throttled add up to the events of all requests that could be read.
final class IngestMetrics {

    private static final String EVENTS = "tidemill.ingest.events";
    private static final String NO_CODE = "none";
    private static final Duration[] BUCKETS =
            IntStream.of(2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000)
                    .mapToObj(Duration::ofMillis)
                    .toArray(Duration[]::new);

    private final MeterRegistry registry;
    private final Counter accepted;
    private final Counter skipped;
    private final Timer acknowledgements;

    IngestMetrics(MeterRegistry registry) {
        this.registry = registry;
        accepted = events("accepted", NO_CODE);
        skipped = events("skipped", NO_CODE);
        // Those that have not happened yet are 0, not absent.
        events("not_durable", Rejection.NOT_DURABLE.code());
        acknowledgements =
                Timer.builder("tidemill.ingest.ack.duration")
                        .description("Time that Kafka took to acknowledge a request's events")
                        .serviceLevelObjectives(BUCKETS)
                        .register(registry);
    }

    /// Counts events by what became of them, once that is settled.
    void count(List<Verdict> verdicts) {
        for (Verdict verdict : verdicts) {
            counter(verdict).increment();
        }
    }

    /// Counts a request that was refused as a whole.
    void refused(Rejection rejection) {
        Counter.builder("tidemill.ingest.requests.refused")
                .description("Requests that were refused as a whole")
                .tag("code", rejection.code())
                .register(registry)
                .increment();
    }

    /// Counts events of a request that is over its project's rate.
    void throttledEvents(int events) {
        events("throttled", Rejection.RATE_LIMITED.code()).increment(events);
    }

    /// Counts a request that is over its project's rate.
    ///
    /// @param what it has too little left of, `events` or `bytes`
    void throttled(String what) {
        Counter.builder("tidemill.ingest.throttled")
                .description("Requests that were turned away at a limit of their project")
                .tag("limit", what)
                .register(registry)
                .increment();
    }

    /// Measures how long the acknowledgement takes.
    <T> Mono<T> timed(Mono<T> acknowledgement) {
        return Mono.defer(() -> {
            Timer.Sample sample = Timer.start(registry);
            return acknowledgement.doFinally(_ -> sample.stop(acknowledgements));
        });
    }

    /// @param beganNanos by `System.nanoTime()`
    void answered(String route, int status, long beganNanos) {
        Timer.builder("tidemill.ingest.request.duration")
                .description("Time from the arrival of a request to its answer")
                .tag("route", route)
                .tag("status", Integer.toString(status))
                .serviceLevelObjectives(BUCKETS)
                .register(registry)
                .record(System.nanoTime() - beganNanos, TimeUnit.NANOSECONDS);
    }

    void watch(Admission admission, KafkaEventPublisher publisher) {
        Gauge.builder("tidemill.ingest.inflight", admission, Admission::bytes)
                .description("Bytes of bodies that are not answered yet")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("tidemill.ingest.inflight.requests", admission, Admission::requests)
                .description("Requests that are not answered yet")
                .register(registry);
        Gauge.builder(
                        "tidemill.ingest.producer.buffer.available",
                        publisher,
                        KafkaEventPublisher::bufferAvailableBytes)
                .description("Bytes left for records that wait to be sent to Kafka")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("tidemill.ingest.partitions", publisher, KafkaEventPublisher::partitions)
                .description("Partitions that events are spread over; 0 until Kafka is reached")
                .register(registry);
        FunctionCounter.builder(
                        "tidemill.ingest.producer.replacements",
                        publisher,
                        KafkaEventPublisher::replacements)
                .description("Producers replaced after an error that they could not get over")
                .register(registry);
    }

    private Counter events(String result, String code) {
        return Counter.builder(EVENTS)
                .description("Events of requests that could be read, by what became of them")
                .tag("result", result)
                .tag("code", code)
                .register(registry);
    }

    private Counter counter(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Accepted _ -> accepted;
            case Verdict.Skipped _ -> skipped;
            case Verdict.NotDurable _ -> events("not_durable", Rejection.NOT_DURABLE.code());
            case Verdict.Rejected(Rejection rejection, _, _) ->
                    events("rejected", rejection.code());
        };
    }
}
