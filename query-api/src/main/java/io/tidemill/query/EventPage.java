package io.tidemill.query;

import io.tidemill.contract.Event;
import io.tidemill.contract.JsonText;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Events of one page, filled in order. It ends after `limit` events or `MAX_CHARACTERS` of
/// content, whichever comes first, so that large events can't fill the memory; what is offered
/// beyond is dropped, and the next page starts there.
final class EventPage {

    static final int MAX_CHARACTERS = 4 << 20;

    private final int limit;
    private final List<Event> events = new ArrayList<>();
    private int characters;
    private boolean more;

    EventPage(int limit) {
        this.limit = limit;
    }

    void offer(Event event) {
        if (more || events.size() == limit || characters >= MAX_CHARACTERS) {
            more = true;
            return;
        }
        events.add(event);
        characters += size(event.properties()) + size(event.metadata());
        characters += size(event.promptText()) + size(event.aiResponse());
    }

    List<Event> events() {
        return events;
    }

    /// Whether there are events behind the last one.
    boolean hasMore() {
        return more;
    }

    private static int size(@Nullable JsonText json) {
        return json == null ? 0 : json.utf8().length;
    }

    private static int size(@Nullable String text) {
        return text == null ? 0 : text.length();
    }
}
