package io.tidemill.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.Event;
import io.tidemill.contract.JsonText;
import org.junit.jupiter.api.Test;

class EventPageTest {

    @Test
    void aPageThatTakesAllIsTheLast() {
        // given
        EventPage page = new EventPage(2);

        // when
        page.offer(event("a", 1));
        page.offer(event("b", 1));

        // then
        assertThat(page.events()).extracting(Event::eventId).containsExactly("a", "b");
        assertThat(page.hasMore()).isFalse();
    }

    @Test
    void oneBeyondTheLimitIsDroppedAndKnownOf() {
        // given
        EventPage page = new EventPage(1);

        // when
        page.offer(event("a", 1));
        page.offer(event("b", 1));

        // then
        assertThat(page.events()).extracting(Event::eventId).containsExactly("a");
        assertThat(page.hasMore()).isTrue();
    }

    @Test
    void largeEventsEndAPageEarly() {
        // given
        EventPage page = new EventPage(1_000);

        // when
        page.offer(event("a", EventPage.MAX_CHARACTERS / 2));
        page.offer(event("b", EventPage.MAX_CHARACTERS));
        page.offer(event("c", 1));
        page.offer(event("d", 1));

        // then
        assertThat(page.events()).extracting(Event::eventId).containsExactly("a", "b");
        assertThat(page.hasMore()).isTrue();
    }

    private static Event event(String id, int characters) {
        return new Event(
                "p",
                id,
                "t",
                "u",
                null,
                null,
                null,
                false,
                JsonText.of("1".repeat(characters)),
                null,
                null,
                null,
                0,
                0,
                null);
    }
}
