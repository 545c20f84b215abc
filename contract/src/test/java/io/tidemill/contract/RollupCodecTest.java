package io.tidemill.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RollupCodecTest {

    private static final HourlyRollup ROLLUP =
            new HourlyRollup(
                    "shop",
                    1_760_749_200_000L,
                    7,
                    3,
                    2,
                    1,
                    new TreeMap<>(Map.of("page_viewed", 2L, "\"quoted\"", 1L)),
                    new TreeMap<>(Map.of("editor", 3L)),
                    new TreeMap<>());

    @Test
    void keysAndValuesSurviveTheRoundTrip() {
        RollupKey key = RollupCodec.decodeKey(RollupCodec.encodeKey(ROLLUP.key()));

        assertThat(key).isEqualTo(ROLLUP.key());
        assertThat(RollupCodec.decode(key, RollupCodec.encode(ROLLUP))).isEqualTo(ROLLUP);
    }

    @Test
    void theBytesAreThoseOfTheDocumentedExample() {
        assertThat(new String(RollupCodec.encodeKey(ROLLUP.key()), StandardCharsets.UTF_8))
                .isEqualTo(
                        """
                        {"project_id":"shop","hour":"2025-10-18T01:00:00Z","part":"hour"}\
                        """);
        assertThat(new String(RollupCodec.encode(ROLLUP), StandardCharsets.UTF_8))
                .isEqualTo(
                        """
                        {"version":1,"revision":7,"total_events":3,"unique_sessions":2,"unique_users":1,\
                        "event_counts":{"\\"quoted\\"":1,"page_viewed":2},"tool_usage":{"editor":3},\
                        "risk_distribution":{}}\
                        """);
    }

    @Test
    void whatIsNotARollupIsRefused() {
        for (String bytes :
                new String[] {
                    "",
                    "nonsense",
                    "{}",
                    "[]",
                    "{\"version\":2}",
                    "{\"version\":1,\"revision\":\"7\"}"
                }) {
            assertThatThrownBy(() ->
                            RollupCodec.decode(
                                    ROLLUP.key(), bytes.getBytes(StandardCharsets.UTF_8)))
                    .as(bytes)
                    .isInstanceOf(MalformedRecordException.class);
            assertThatThrownBy(() -> RollupCodec.decodeKey(bytes.getBytes(StandardCharsets.UTF_8)))
                    .as(bytes)
                    .isInstanceOf(MalformedRecordException.class);
        }
    }
}
