package io.tidemill.benchmarks;

import io.tidemill.contract.Event;
import io.tidemill.contract.EventCodec;
import io.tidemill.contract.Hash128;
import io.tidemill.contract.JsonText;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The envelope of `events` beside the same event as JSON: why the envelope is binary.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class EventCodecBenchmark {

    private static final JsonMapper JSON = JsonMapper.shared();

    private final Event event =
            new Event(
                    "default",
                    "evt_0199f1f0-7c1e-7b3a-9c1d-2f4d5a6b7c8d",
                    "page_viewed",
                    "usr_f6f216a03b87",
                    "ses_0b53e053eeb0e629",
                    "presentations",
                    "get",
                    false,
                    JsonText.of(
                            """
                            {"path":"/presentations/images/search.png","status":200,"bytes":203023,\
                            "referrer":"http://example.org/presentations/","user_agent":"Mozilla/5.0 \
                            (Macintosh; Intel Mac OS X 10_9_1) AppleWebKit/537.36"}\
                            """),
                    null,
                    null,
                    null,
                    1_760_749_200_123L,
                    1_760_749_201_000L,
                    null);
    private final byte[] envelope = EventCodec.encode(event);
    private final byte[] json = encodeJson();

    @Benchmark
    public byte[] encodeEnvelope() {
        return EventCodec.encode(event);
    }

    @Benchmark
    public Event decodeEnvelope() {
        return EventCodec.decode(envelope);
    }

    @Benchmark
    public byte[] encodeJson() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("project_id", event.projectId());
        fields.put("event_id", event.eventId());
        fields.put("event_type", event.eventType());
        fields.put("user_id", event.userId());
        fields.put("session_id", event.sessionId());
        fields.put("tool_name", event.toolName());
        fields.put("action", event.action());
        fields.put("demo_mode", event.demoMode());
        fields.put("properties", String.valueOf(event.properties()));
        fields.put("timestamp", event.timestampMillis());
        fields.put("received_at", event.receivedAtMillis());
        return JSON.writeValueAsString(fields).getBytes(StandardCharsets.UTF_8);
    }

    @Benchmark
    public JsonNode decodeJson() {
        return JSON.readTree(json);
    }

    @Benchmark
    public Hash128 hashIdentity() {
        return event.identity().hash();
    }
}
