package io.tidemill.guarantees.load;

/// How much is sent.
///
/// @param seed of everything that senders decide
/// @param senders that send at the same time, each one request after the other
/// @param eventsPerSecond of all senders together, at most
/// @param maxEvents after which they stop, however much time is left
public record LoadPlan(long seed, int senders, int eventsPerSecond, long maxEvents) {

    public LoadPlan {
        if (senders < 1 || eventsPerSecond < 1 || maxEvents < 0) {
            throw new IllegalArgumentException("a load needs senders and events");
        }
    }
}
