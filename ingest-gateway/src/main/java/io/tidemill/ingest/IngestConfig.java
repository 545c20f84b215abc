package io.tidemill.ingest;

import io.tidemill.ingest.parsing.EventLimits;
import io.tidemill.projects.ProjectsFile;
import io.tidemill.projects.Retention;
import io.tidemill.runtime.Env;
import io.tidemill.runtime.Setting;
import java.time.Duration;
import java.util.List;

/// All settings of the gateway.
///
/// @param rawRetention how long raw events are kept of projects that don't say it themselves
/// @param maxRequestBytes of one body, before and after decompression
/// @param maxKeylessRequestBytes of one body whose request has no key in its headers, where keys
///   are needed
/// @param maxInFlightBytes of all bodies together that are not answered yet
/// @param deliveryTimeout how long Kafka may take to acknowledge an event
/// @param linger how long a record waits for others to share its batch
/// @param compression `none`, `lz4` or `zstd`
public record IngestConfig(
        EventLimits eventLimits,
        Retention rawRetention,
        int maxRequestBytes,
        int maxKeylessRequestBytes,
        long maxInFlightBytes,
        Duration deliveryTimeout,
        Duration linger,
        long producerBufferBytes,
        String compression) {

    /// Room for a longest record beside batches that are being filled.
    private static final long MIN_PRODUCER_BUFFER_BYTES = 2L * ProducerSettings.MAX_RECORD_BYTES;

    public static final Setting<Duration> MAX_EVENT_AGE =
            Setting.duration(
                    "TIDEMILL_MAX_EVENT_AGE",
                    "29d",
                    "the oldest timestamp that is accepted, before the time of receipt; up to 29d, and"
                            + " a day less than the event's project keeps raw events");
    public static final Setting<Duration> MAX_EVENT_FUTURE =
            Setting.duration(
                    "TIDEMILL_MAX_EVENT_FUTURE",
                    "5m",
                    "the latest timestamp that is accepted, after the time of receipt; up to 1d");
    public static final Setting<Integer> MAX_EVENT_BYTES =
            size(
                    "TIDEMILL_MAX_EVENT_BYTES",
                    "256KiB",
                    900 << 10,
                    "the longest event, as it was sent; up to 900KiB");
    public static final Setting<Integer> MAX_REQUEST_EVENTS =
            Setting.integer(
                    "TIDEMILL_MAX_REQUEST_EVENTS",
                    5_000,
                    1,
                    100_000,
                    "the most events in one request");
    public static final Setting<Integer> MAX_REQUEST_BYTES =
            size(
                    "TIDEMILL_MAX_REQUEST_BYTES",
                    "10MiB",
                    256 << 20,
                    "the longest body of a request, before and after decompression; up to 256MiB");
    public static final Setting<Integer> MAX_KEYLESS_REQUEST_BYTES =
            size(
                    "TIDEMILL_MAX_KEYLESS_REQUEST_BYTES",
                    "1MiB",
                    256 << 20,
                    "the longest body of a request without a key in its headers, where keys are"
                            + " needed: nobody knows whose it is before it is read; up to 256MiB");
    public static final Setting<Integer> MAX_PROPERTY_KEYS =
            Setting.integer(
                    "TIDEMILL_MAX_PROPERTY_KEYS",
                    255,
                    1,
                    10_000,
                    "the most keys of an event's properties, and of its metadata");
    public static final Setting<Integer> MAX_PROPERTY_DEPTH =
            Setting.integer(
                    "TIDEMILL_MAX_PROPERTY_DEPTH",
                    16,
                    1,
                    100,
                    "how deep an event's properties and its metadata may be nested");
    public static final Setting<Long> MAX_IN_FLIGHT_BYTES =
            Setting.bytes(
                    "TIDEMILL_INGEST_IN_FLIGHT_BYTES",
                    "64MiB",
                    "the most bytes of bodies that wait for their answers; beyond, requests are"
                            + " answered 503");
    public static final Setting<Long> PRODUCER_BUFFER_BYTES =
            Setting.bytes(
                    "TIDEMILL_INGEST_PRODUCER_BUFFER_BYTES",
                    "64MiB",
                    "the most bytes of records that wait to be sent to Kafka; from 4MiB");
    public static final Setting<Duration> DELIVERY_TIMEOUT =
            Setting.duration(
                    "TIDEMILL_INGEST_DELIVERY_TIMEOUT",
                    "10s",
                    "how long Kafka may take to acknowledge an event, before the sender is told"
                            + " that it is not known to be durable; 1s to 30s");
    public static final Setting<Duration> LINGER =
            Setting.duration(
                    "TIDEMILL_INGEST_LINGER",
                    "2ms",
                    "how long a record waits for others to share its batch; up to 100ms");
    public static final Setting<String> COMPRESSION =
            new Setting<>(
                    "TIDEMILL_INGEST_COMPRESSION",
                    "zstd",
                    "how records are compressed on their way to Kafka: none, lz4 or zstd",
                    IngestConfig::parseCompression);

    /// The sink's, which describes it: no event may be so old that the sink might drop it before it
    /// has arrived.
    private static final Setting<Retention> RAW_RETENTION =
            new Setting<>("TIDEMILL_RAW_RETENTION", "30d", "", IngestConfig::parseRetention);

    public static final List<Setting<?>> SETTINGS =
            List.of(
                    MAX_EVENT_AGE,
                    MAX_EVENT_FUTURE,
                    MAX_EVENT_BYTES,
                    MAX_REQUEST_EVENTS,
                    MAX_REQUEST_BYTES,
                    MAX_KEYLESS_REQUEST_BYTES,
                    MAX_PROPERTY_KEYS,
                    MAX_PROPERTY_DEPTH,
                    MAX_IN_FLIGHT_BYTES,
                    PRODUCER_BUFFER_BYTES,
                    DELIVERY_TIMEOUT,
                    LINGER,
                    COMPRESSION);

    public static IngestConfig from(Env env) {
        ProjectsFile.check(env);
        EventLimits limits =
                new EventLimits(
                        env.get(MAX_EVENT_BYTES),
                        env.get(MAX_REQUEST_EVENTS),
                        env.get(MAX_PROPERTY_KEYS),
                        env.get(MAX_PROPERTY_DEPTH),
                        upTo(env, MAX_EVENT_AGE, Duration.ofDays(29)),
                        upTo(env, MAX_EVENT_FUTURE, Duration.ofDays(1)));
        IngestConfig config =
                new IngestConfig(
                        limits,
                        env.get(RAW_RETENTION),
                        env.get(MAX_REQUEST_BYTES),
                        env.get(MAX_KEYLESS_REQUEST_BYTES),
                        env.get(MAX_IN_FLIGHT_BYTES),
                        upTo(env, DELIVERY_TIMEOUT, Duration.ofSeconds(30)),
                        upTo(env, LINGER, Duration.ofMillis(100)),
                        env.get(PRODUCER_BUFFER_BYTES),
                        env.get(COMPRESSION));
        config.check(env);
        return config;
    }

    private void check(Env env) {
        if (deliveryTimeout.compareTo(Duration.ofSeconds(1)) < 0) {
            env.problem(DELIVERY_TIMEOUT.name() + " is shorter than 1s");
        }
        if (maxInFlightBytes < maxRequestBytes) {
            env.problem(MAX_IN_FLIGHT_BYTES.name() + " is less than " + MAX_REQUEST_BYTES.name());
        }
        if (producerBufferBytes < MIN_PRODUCER_BUFFER_BYTES) {
            env.problem(PRODUCER_BUFFER_BYTES.name() + " is less than 4MiB");
        }
        if (producerBufferBytes < maxRequestBytes) {
            env.problem(PRODUCER_BUFFER_BYTES.name() + " is less than " + MAX_REQUEST_BYTES.name());
        }
    }

    private static Duration upTo(Env env, Setting<Duration> setting, Duration max) {
        Duration value = env.get(setting);
        if (value.compareTo(max) > 0) {
            env.problem(setting.name() + " is longer than " + max.toMillis() + "ms");
        }
        return value;
    }

    private static Setting<Integer> size(
            String name, String defaultText, int maxBytes, String description) {
        Setting<Long> bytes = Setting.bytes(name, defaultText, description);
        return new Setting<>(
                name,
                defaultText,
                description,
                text -> {
                    long value = bytes.parser().apply(text);
                    if (value > maxBytes) {
                        throw new IllegalArgumentException("is more than allowed: " + text);
                    }
                    return (int) value;
                });
    }

    private static Retention parseRetention(String text) {
        try {
            return Retention.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "is not a window (" + e.getMessage() + "): " + text, e);
        }
    }

    private static String parseCompression(String text) {
        if (!List.of("none", "lz4", "zstd").contains(text)) {
            throw new IllegalArgumentException("is none of none, lz4 and zstd: " + text);
        }
        return text;
    }
}
