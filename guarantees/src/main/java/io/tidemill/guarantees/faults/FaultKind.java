package io.tidemill.guarantees.faults;

import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;

/// What can go wrong, how often, and for how long.
public enum FaultKind {
    KILL_PART(6, 0, 0),
    TERMINATE_PART(3, 0, 0),
    PAUSE_PART(5, 5, 60),
    LOSE_STREAMS_STATE(2, 0, 0),
    KILL_BROKER(3, 0, 0),
    TERMINATE_BROKER(2, 0, 0),
    PAUSE_BROKER(2, 3, 20),
    /// A broker whose followers stand still goes on alone, and dies before they wake up.
    STRAND_LEADER(2, 3, 10),
    KILL_POSTGRES(2, 0, 0),
    STOP_POSTGRES_FAST(1, 0, 0),
    STOP_POSTGRES_AT_ONCE(2, 0, 0),
    PAUSE_POSTGRES(2, 3, 30),
    KILL_WHAT_MINDS_POSTGRES(1, 0, 0),
    KILL_EVERYTHING(1, 0, 0),
    CUT_LINK(4, 3, 30),
    SILENCE_LINK(4, 3, 40),
    DELAY_LINK(2, 5, 30),
    SLOW_LINK(2, 5, 30),
    FILL_DISK(2, 5, 25),
    LOCK_TABLE(2, 3, 20),
    ADD_PARTITIONS(1, 0, 0),
    POISON(4, 0, 0),
    STALE_ROLLUPS(3, 0, 0),
    JOIN(2, 10, 40),
    RESTORE_POSTGRES(2, 15, 40);

    private static final List<FaultKind> BY_WEIGHT =
            List.of(values()).stream()
                    .flatMap(kind -> Collections.nCopies(kind.weight, kind).stream())
                    .toList();

    private final int weight;
    private final int shortestSeconds;
    private final int longestSeconds;

    FaultKind(int weight, int shortestSeconds, int longestSeconds) {
        this.weight = weight;
        this.shortestSeconds = shortestSeconds;
        this.longestSeconds = longestSeconds;
    }

    static FaultKind any(RandomGenerator random) {
        return BY_WEIGHT.get(random.nextInt(BY_WEIGHT.size()));
    }

    int anySeconds(RandomGenerator random) {
        return random.nextInt(shortestSeconds, longestSeconds + 1);
    }

    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
