package io.tidemill.testkit;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// Runs a check on random inputs, one after the other, for a few seconds: `-Dfuzz.seconds` for
/// longer. Each input has a seed of its own, which a failure names: `-Dfuzz.seed` begins with that
/// input.
public final class Fuzz {

    private static final int DEFAULT_SECONDS = 2;
    private static final int AT_LEAST = 200;

    private Fuzz() {}

    /// @param check makes an input and tries it; fails by throwing
    public static void inputs(Consumer<RandomGenerator> check) {
        long first = Long.getLong("fuzz.seed", System.nanoTime());
        long nanos = TimeUnit.SECONDS.toNanos(Integer.getInteger("fuzz.seconds", DEFAULT_SECONDS));
        long began = System.nanoTime();
        long seed = first;
        while (seed < first + AT_LEAST || System.nanoTime() - began < nanos) {
            tryOne(seed, check);
            seed++;
        }
        System.out.println("fuzz inputs=" + (seed - first) + " seed=" + first);
    }

    private static void tryOne(long seed, Consumer<RandomGenerator> check) {
        try {
            check.accept(new SplittableRandom(seed));
        } catch (Exception | AssertionError | StackOverflowError e) {
            throw new AssertionError("input of -Dfuzz.seed=" + seed + ": " + e, e);
        }
    }
}
