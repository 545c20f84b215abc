package io.tidemill.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventCursorTest {

    private static final TimeRange RANGE = new TimeRange(1_000, 2_000);

    @ParameterizedTest
    @ValueSource(strings = {"evt_1", "", "é\uD83D\uDE00", "a'; DROP TABLE analytics.events --"})
    void aCursorComesBackAsItWas(String eventId) {
        // given
        EventCursor cursor = new EventCursor(RANGE, 1_500, eventId);

        // when
        EventCursor decoded = EventCursor.decode(cursor.encode("q"), "q");

        // then
        assertThat(decoded).isEqualTo(cursor);
    }

    @Test
    void itsTextNeedsNoEncodingInAnAddress() {
        String text = new EventCursor(RANGE, -1, "ÿþ~~~???").encode("q");

        assertThat(text).matches("[A-Za-z0-9_-]+");
    }

    @Test
    void anyChangedCharacterIsNoticed() {
        // given
        String text = new EventCursor(RANGE, 1_500, "evt_12").encode("q");

        for (int i = 0; i < text.length(); i++) {
            // when
            char other = text.charAt(i) == 'A' ? 'B' : 'A';
            String changed = text.substring(0, i) + other + text.substring(i + 1);

            // then
            assertThatThrownBy(() -> EventCursor.decode(changed, "q"))
                    .as("character %d", i)
                    .isInstanceOf(BadParameterException.class)
                    .hasMessageStartingWith("cursor ");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "A",
                "AQ",
                "!!!!",
                "Zm9v",
                "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            })
    void otherTextsAreRefused(String text) {
        assertThatThrownBy(() -> EventCursor.decode(text, "q"))
                .isInstanceOf(BadParameterException.class)
                .hasMessageStartingWith("cursor ");
    }

    @Test
    void aCursorBelongsToItsQuestion() {
        String text = new EventCursor(RANGE, 1_500, "evt_1").encode("q");

        assertThatThrownBy(() -> EventCursor.decode(text, "another"))
                .isInstanceOf(BadParameterException.class);
    }

    @Test
    void theStartOfARangeLiesBeforeAllItsEvents() {
        assertThat(EventCursor.startOf(RANGE)).isEqualTo(new EventCursor(RANGE, 2_000, ""));
    }
}
