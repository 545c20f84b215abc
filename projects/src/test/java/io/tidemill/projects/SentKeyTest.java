package io.tidemill.projects;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SentKeyTest {

    private static final List<String> NONE = List.of();

    @ParameterizedTest
    @ValueSource(strings = {"Bearer wk_1", "bearer wk_1", "BEARER   wk_1 "})
    void theSchemeIsReadInAnyCase(String authorization) {
        assertThat(SentKey.in(List.of(authorization), NONE)).contains("wk_1");
    }

    @Test
    void bothHeadersCarryIt() {
        assertThat(SentKey.in(NONE, List.of("wk_1"))).contains("wk_1");
        assertThat(SentKey.in(List.of("Bearer wk_1"), List.of("wk_1"))).contains("wk_1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Basic d2tfMQ==", "Bearer", "Bearer ", "wk_1"})
    void anythingElseIsNoKey(String authorization) {
        assertThat(SentKey.in(List.of(authorization), NONE)).isEmpty();
        assertThat(SentKey.in(List.of(authorization), List.of("wk_2"))).contains("wk_2");
    }

    @Test
    void twoThatDifferOpenNothing() {
        for (Optional<String> key :
                List.of(
                        SentKey.in(List.of("Bearer wk_1"), List.of("wk_2")),
                        SentKey.in(List.of("Bearer wk_1", "Bearer wk_2"), NONE),
                        SentKey.in(NONE, List.of("wk_1", "wk_2")))) {
            assertThat(key).isPresent().get().isNotIn("wk_1", "wk_2");
        }
    }
}
