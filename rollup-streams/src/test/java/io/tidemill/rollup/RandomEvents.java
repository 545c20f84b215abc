package io.tidemill.rollup;

import io.tidemill.contract.Event;
import io.tidemill.contract.Hours;
import io.tidemill.testkit.Events;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// Lists of events that share ids, users, sessions and hours often. Says its seed; `-Dseed` sets
/// it.
record RandomEvents(long seed, Random random) {

    private static final long FIRST_SEED = Long.getLong("seed", System.nanoTime());
    static final long FIRST_HOUR = Events.TIME.toEpochMilli();
    private static final String[] TYPES = {"page_viewed", "clicked", "risk_mode_changed"};
    private static final String[] COSTS = {
        "0",
        "0.1",
        "1e-18",
        "12.345678901234567891234",
        "-7.25",
        "1e18",
        "2e18",
        "null",
        "\"1\"",
        "1e300"
    };
    private static final String[] RISKS = {"\"low\"", "\"high\"", "true", "7", "null", "[1]"};

    /// The events of a numbered case of this run.
    static RandomEvents ofCase(int number) {
        long seed = FIRST_SEED + number;
        return new RandomEvents(seed, new Random(seed));
    }

    /// A copy of an event, as it stands on `events`.
    record Sent(Event event, long appendedMillis) {}

    List<Event> distinct(String project) {
        return distinct(project, FIRST_HOUR, 3);
    }

    /// @param firstHour start of the first hour that they may be in
    /// @param hours how many hours they are spread over
    List<Event> distinct(String project, long firstHour, int hours) {
        List<Event> events = new ArrayList<>();
        int size = 1 + random.nextInt(30);
        for (int i = 0; i < size; i++) {
            long hour = firstHour + random.nextInt(hours) * Hours.MILLIS;
            // Within its millisecond each id is used once; across milliseconds ids repeat.
            events.add(
                    Events.event()
                            .id("id-" + random.nextInt(5))
                            .project(project)
                            .type(TYPES[random.nextInt(TYPES.length)])
                            .user(oneOf(4, "user-"))
                            .session(oneOf(4, "session-"))
                            .tool(oneOf(3, "tool-"))
                            .properties(properties())
                            .at(hour + i)
                            .build());
        }
        return events;
    }

    private String properties() {
        return "{\"risk_mode\":%s,\"llm\":{\"model\":%s},\"cost_usd\":%s}"
                .formatted(
                        RISKS[random.nextInt(RISKS.length)],
                        RISKS[random.nextInt(RISKS.length)],
                        COSTS[random.nextInt(COSTS.length)]);
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

    /// Every event once or more, each copy appended at once, hours or days late, or ahead of its
    /// time, to one of three partitions, which are read hours apart.
    List<Sent> appendedAnyhow(List<Event> distinct) {
        List<List<Sent>> partitions =
                List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (Event event : duplicatedAndShuffled(distinct)) {
            long appended = event.timestampMillis() + delayMinutes() * 60_000L;
            partitions.get(random.nextInt(3)).add(new Sent(event, appended));
        }
        partitions.forEach(p -> p.sort(Comparator.comparingLong(Sent::appendedMillis)));
        List<Sent> read = new ArrayList<>();
        int favourite = random.nextInt(3);
        while (!partitions.stream().allMatch(List::isEmpty)) {
            List<Sent> next = partitions.get(random.nextInt(4) > 0 ? favourite : random.nextInt(3));
            if (next.isEmpty()) {
                favourite = random.nextInt(3);
            } else {
                read.add(next.removeFirst());
            }
        }
        return read;
    }

    private int delayMinutes() {
        return switch (random.nextInt(8)) {
            case 0 -> -90 + random.nextInt(90);
            case 1 -> 60 * random.nextInt(60);
            case 2 -> 60 * 24 - 5 + random.nextInt(10);
            default -> random.nextInt(30);
        };
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
