package io.tidemill.guarantees.load;

import io.tidemill.guarantees.history.HistoryFile;
import java.net.http.HttpClient;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// Senders at work until they are stopped, or have sent what the plan allows.
public final class LoadGenerator implements AutoCloseable {

    private final LoadPlan plan;
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicLong sent = new AtomicLong();
    private final HttpClient client =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(5))
                    .build();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    private LoadGenerator(LoadPlan plan) {
        this.plan = plan;
    }

    /// @param history stays the caller's to close, after this
    public static LoadGenerator start(LoadPlan plan, Gateways gateways, HistoryFile history) {
        LoadGenerator load = new LoadGenerator(plan);
        Clock clock = Clock.systemUTC();
        EventMaker events = new EventMaker(List.copyOf(gateways.keys().keySet()));
        Sender sender = new Sender(gateways, history, load.client, clock);
        SplittableRandom seeds = new SplittableRandom(plan.seed());
        for (int i = 0; i < plan.senders(); i++) {
            Habits habits = new Habits(seeds.split(), events, sender, gateways, clock);
            load.threads.execute(() -> load.sendOn(habits));
        }
        return load;
    }

    /// Events handed to requests so far, repetitions included.
    public long sent() {
        return sent.get();
    }

    /// Ends all senders, each after the request that it is at.
    @Override
    public void close() {
        stopped.set(true);
        threads.close();
        client.close();
    }

    private void sendOn(Habits habits) {
        long nanosPerEvent = 1_000_000_000L * plan.senders() / plan.eventsPerSecond();
        long next = System.nanoTime();
        try {
            while (!stopped.get() && sent.get() < plan.maxEvents()) {
                int events = habits.sendSome();
                sent.addAndGet(events);
                // Time lost to an outage is not caught up with.
                next = Math.max(next + events * nanosPerEvent, System.nanoTime());
                while (!stopped.get() && System.nanoTime() < next) {
                    LockSupport.parkNanos(Math.min(next - System.nanoTime(), 100_000_000L));
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
