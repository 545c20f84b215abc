package io.tidemill.sink;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings what completes on other threads to the thread of the consumer, out of its poll if need
/// be.
final class Signals {

    private static final Logger log = LoggerFactory.getLogger(Signals.class);
    private static final Duration POLL = Duration.ofMillis(100);

    private final Consumer<byte[], byte[]> consumer;
    private final BlockingQueue<Runnable> signals = new LinkedBlockingQueue<>();
    private volatile boolean polling;

    Signals(Consumer<byte[], byte[]> consumer) {
        this.consumer = consumer;
    }

    /// From any thread.
    void send(Runnable signal) {
        signals.add(signal);
        if (polling) {
            consumer.wakeup();
        }
    }

    void run() {
        for (Runnable signal = signals.poll(); signal != null; signal = signals.poll()) {
            signal.run();
        }
    }

    /// Runs signals while the condition holds, for a bounded time.
    void runWhile(BooleanSupplier condition, Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (condition.getAsBoolean() && System.nanoTime() - deadline < 0) {
            Runnable signal = signals.poll(POLL.toMillis(), TimeUnit.MILLISECONDS);
            if (signal != null) {
                signal.run();
            }
        }
    }

    /// Polls, for a moment at most, and no longer than until the next signal.
    ConsumerRecords<byte[], byte[]> poll() {
        polling = true;
        try {
            return consumer.poll(signals.isEmpty() ? POLL : Duration.ZERO);
        } catch (WakeupException e) {
            log.trace("woken", e);
            return ConsumerRecords.empty();
        } finally {
            polling = false;
        }
    }
}
