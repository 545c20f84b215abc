package io.tidemill.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RoutingKeyTest {

    @Test
    void theUserGoesBeforeTheSessionAndTheSessionBeforeTheEventItself() {
        assertThat(event("shop", "e", "ann", "s").routingKey())
                .isEqualTo(new RoutingKey("shop", "ann"));
        assertThat(event("shop", "e", null, "s").routingKey())
                .isEqualTo(new RoutingKey("shop", "s"));
        assertThat(event("shop", "e", null, null).routingKey())
                .isEqualTo(new RoutingKey("shop", "e"));
    }

    @Test
    void aRetryHasTheSameKeyWheneverAndByWhateverClockItIsSent() {
        // given
        Event first = event("shop", "e", "ann", "s", 1_760_749_200_000L, null);

        // when
        Event retry = event("shop", "e", "ann", "s", 1_760_749_290_000L, -86_400_000L);

        // then
        assertThat(retry.routingKey().bytes()).isEqualTo(first.routingKey().bytes());
        assertThat(retry.identity()).isEqualTo(first.identity());
    }

    @Test
    void keysTellProjectsAndActorsApart() {
        // when
        Set<String> keys = new HashSet<>();
        for (String project : new String[] {"a", "ab", "b"}) {
            for (String actor : new String[] {"c", "bc", "", "a"}) {
                keys.add(
                        new String(new RoutingKey(project, actor).bytes(), StandardCharsets.UTF_8));
            }
        }

        // then
        assertThat(keys).hasSize(12).allSatisfy(key -> assertThat(key).isNotEmpty());
    }

    private static Event event(
            String project, String id, @Nullable String user, @Nullable String session) {
        return event(project, id, user, session, 1_760_749_200_000L, null);
    }

    private static Event event(
            String project,
            String id,
            @Nullable String user,
            @Nullable String session,
            long receivedAtMillis,
            @Nullable Long clockOffsetMillis) {
        return new Event(
                project,
                id,
                "t",
                user,
                session,
                null,
                null,
                false,
                null,
                null,
                null,
                null,
                1_760_749_100_000L,
                receivedAtMillis,
                clockOffsetMillis);
    }
}
