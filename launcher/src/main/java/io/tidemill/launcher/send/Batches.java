package io.tidemill.launcher.send;

import io.tidemill.launcher.send.EventSender.Outgoing;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/// Gathers events into requests and keeps a bounded number of them on their way. For one thread.
final class Batches implements AutoCloseable {

    /// Well below what a server takes in one request.
    private static final long MAX_BYTES = 4L * 1024 * 1024;

    private final EventSender sender;
    private final int maxEvents;
    private final int parallel;
    private final Semaphore free;
    private final ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor();
    private List<Outgoing> batch = new ArrayList<>();
    private long batchBytes;

    Batches(EventSender sender, int maxEvents, int parallel) {
        this.sender = sender;
        this.maxEvents = maxEvents;
        this.parallel = parallel;
        this.free = new Semaphore(parallel);
    }

    /// Blocks while as many requests as allowed are on their way.
    void add(Outgoing event) throws InterruptedException {
        if (!batch.isEmpty() && batchBytes + event.json().length > MAX_BYTES) {
            flush();
        }
        batch.add(event);
        batchBytes += event.json().length;
        if (batch.size() == maxEvents) {
            flush();
        }
    }

    /// Sends what is left, and waits until everything has its verdict or was given up.
    void finish() throws InterruptedException {
        flush();
        free.acquire(parallel);
        free.release(parallel);
    }

    @Override
    public void close() {
        senders.shutdownNow();
    }

    private void flush() throws InterruptedException {
        if (batch.isEmpty()) {
            return;
        }
        List<Outgoing> full = batch;
        batch = new ArrayList<>();
        batchBytes = 0;
        free.acquire();
        senders.execute(() -> {
            try {
                sender.deliver(full);
            } finally {
                free.release();
            }
        });
    }
}
