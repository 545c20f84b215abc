package io.tidemill.ingest.parsing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.Event;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BodyKeyTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"api_key\":\"wk_1\",\"events\":[{\"api_key\":\"wk_2\"}]}",
                "{\"events\":[{\"api_key\":\"wk_2\"}],\"api_key\":\"wk_1\"}",
                "{\"event_type\":\"t\",\"properties\":{\"api_key\":\"wk_2\"},\"api_key\":\"wk_1\"}",
                "{\"apiKey\":\"wk_1\"}",
                "\ufeff {\"\\u0061pi_key\":\"wk_1\"}",
                "{\"api_key\":\"wk_1\",\"api_key\":\"wk_2\"}",
                "{\"api_key\":\"wk_1\", broken",
            })
    void itIsTheFirstOfTheBodysObject(String body) {
        assertThat(in(body)).contains("wk_1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "\"wk_1\"",
                "[{\"api_key\":\"wk_1\"}]",
                "{\"events\":[{\"api_key\":\"wk_1\"}]}",
                "{\"properties\":{\"api_key\":\"wk_1\"}}",
                "{\"api_key\":null}",
                "{\"api_key\":{\"api_key\":\"wk_1\"}}",
                "{\"API_KEY\":\"wk_1\"}",
                "{broken, \"api_key\":\"wk_1\"}",
            })
    void nothingElseIsAKey(String body) {
        assertThat(in(body)).isEmpty();
    }

    @Test
    void whatIsNestedWithoutEndHoldsNone() {
        assertThat(in("{\"a\":" + "[".repeat(1 << 20))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"api_key", "apiKey"})
    void itIsNeverStored(String name) {
        // when
        Event event = Parsed.eventWith("\"" + name + "\":\"wk_1\",\"x\":1");

        // then
        assertThat(event.properties()).hasToString("{\"x\":1}");
        assertThat(event.toString()).doesNotContain("wk_1");
    }

    private static Optional<String> in(String body) {
        return BodyKey.in(body.getBytes(UTF_8));
    }
}
