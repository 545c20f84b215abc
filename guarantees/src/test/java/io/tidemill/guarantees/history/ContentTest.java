package io.tidemill.guarantees.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ContentTest {

    @Test
    void doesNotDependOnTheOrderOfKeysOrTheWayNumbersAreWritten() {
        assertThat(hash("{\"a\": 1.50, \"b\": {\"y\": [1, 2], \"x\": 1e2}}"))
                .isEqualTo(hash("{\"b\": {\"x\": 100, \"y\": [1, 2]}, \"a\": 1.5}"));
    }

    @Test
    void absentIsTheSameAsNull() {
        Map<String, @Nullable Object> withNull = new HashMap<>();
        withNull.put("tool_name", null);
        withNull.put("event_type", "click");

        assertThat(Content.hash(withNull)).isEqualTo(Content.hash(Map.of("event_type", "click")));
    }

    @Test
    void whatWasSentHashesLikeWhatPostgresPrintsOfIt() {
        Map<String, Object> sent = Map.of("amount", 12.3, "tags", List.of("a", "é\n😀"), "n", 7L);

        assertThat(Content.hash(Map.of("properties", sent)))
                .isEqualTo(hash("{\"n\": 7, \"tags\": [\"a\", \"é\\n😀\"], \"amount\": 12.3}"));
    }

    @Test
    void everyDifferenceShows() {
        String one = hash("{\"a\": 1}");

        assertThat(hash("{\"a\": \"1\"}")).isNotEqualTo(one);
        assertThat(hash("{\"a\": 1.0000000001}")).isNotEqualTo(one);
        assertThat(hash("{\"a\": [1]}")).isNotEqualTo(one);
        assertThat(hash("{\"a\": 1, \"b\": true}")).isNotEqualTo(one);
        assertThat(hash("{\"a\": true}")).isNotEqualTo(one);
    }

    private static String hash(String json) {
        Map<String, @Nullable Object> fields = new HashMap<>();
        fields.put("properties", Content.parsed(json));
        return Content.hash(fields);
    }
}
