package io.tidemill.rollup;

import io.tidemill.contract.Event;
import io.tidemill.contract.Hours;
import io.tidemill.testkit.Events;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// Lists of events that share ids, users, sessions and hours often. Says its seed; `-Dseed` sets
/// it.
record RandomEvents(long seed, Random random) {

    private static final long FIRST_SEED = Long.getLong("seed", System.nanoTime());
    private static final long FIRST_HOUR = Events.TIME.toEpochMilli();
    private static final String[] TYPES = {"page_viewed", "clicked", "risk_mode_changed"};
    private static final String[] RISKS = {"\"low\"", "\"high\"", "true", "7", "null", "[1]"};

    /// The events of a numbered case of this run.
    static RandomEvents ofCase(int number) {
        long seed = FIRST_SEED + number;
        return new RandomEvents(seed, new Random(seed));
    }

    List<Event> distinct(String project) {
        List<Event> events = new ArrayList<>();
        int size = 1 + random.nextInt(30);
        for (int i = 0; i < size; i++) {
            long hour = FIRST_HOUR + random.nextInt(3) * Hours.MILLIS;
            // Within its millisecond each id is used once; across milliseconds ids repeat.
            events.add(
                    Events.event()
                            .id("id-" + random.nextInt(5))
                            .project(project)
                            .type(TYPES[random.nextInt(TYPES.length)])
                            .user(oneOf(4, "user-"))
                            .session(oneOf(4, "session-"))
                            .tool(oneOf(3, "tool-"))
                            .properties(
                                    "{\"risk_mode\":" + RISKS[random.nextInt(RISKS.length)] + "}")
                            .at(hour + i)
                            .build());
        }
        return events;
    }

    List<Event> duplicatedAndShuffled(List<Event> distinct) {
        List<Event> sent = new ArrayList<>(distinct);
        int copies = random.nextInt(distinct.size() + 1);
        for (int i = 0; i < copies; i++) {
            sent.add(distinct.get(random.nextInt(distinct.size())));
        }
        Collections.shuffle(sent, random);
        return sent;
    }

    private @Nullable String oneOf(int values, String prefix) {
        int value = random.nextInt(values + 1);
        return value == 0 ? null : prefix + value;
    }

    @Override
    public String toString() {
        return "-Dseed=" + seed;
    }
}
