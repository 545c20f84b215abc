package io.tidemill.benchmarks.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// Connections that send one request after the other, each as soon as the one before is answered,
/// or each at its time.
///
/// @param connections at once
/// @param perSecond of all together; 0 for as many as there can be. A request whose time has come
///   while the one before waits is late, and the time that it waited counts
record Senders(int connections, int perSecond) {

    static Senders atFullSpeed(int connections) {
        return new Senders(connections, 0);
    }

    static Senders paced(int connections, int perSecond) {
        return new Senders(connections, perSecond);
    }

    LoadResult send(int port, byte[] request, int seconds) throws InterruptedException {
        long began = System.nanoTime();
        long end = began + TimeUnit.SECONDS.toNanos(seconds);
        List<Future<Samples>> running = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < connections; i++) {
                long offset = perSecond == 0 ? 0 : TimeUnit.SECONDS.toNanos(1) * i / perSecond;
                running.add(threads.submit(() -> sendUntil(end, began + offset, port, request)));
            }
            Samples all = new Samples();
            for (Future<Samples> one : running) {
                all.add(one.get());
            }
            double took = (System.nanoTime() - began) / (double) TimeUnit.SECONDS.toNanos(1);
            return new LoadResult(took, all.micros(), all.refused);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a sender failed", e.getCause());
        }
    }

    private Samples sendUntil(long end, long first, int port, byte[] request) {
        long gap = perSecond == 0 ? 0 : TimeUnit.SECONDS.toNanos(connections) / perSecond;
        Samples samples = new Samples();
        try (LoadConnection connection = new LoadConnection(port)) {
            long due = first;
            while (System.nanoTime() - end < 0) {
                if (gap > 0) {
                    sleepUntil(due);
                } else {
                    due = System.nanoTime();
                }
                samples.add(connection.exchange(request), System.nanoTime() - due);
                due += gap;
            }
            return samples;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void sleepUntil(long nanos) {
        for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    /// Grows by one number a request.
    private static final class Samples {

        private int[] micros = new int[1024];
        private int size;
        private long refused;

        void add(int status, long nanos) {
            if (status != 200) {
                refused++;
                return;
            }
            grow(size + 1);
            micros[size++] = (int) TimeUnit.NANOSECONDS.toMicros(nanos);
        }

        void add(Samples more) {
            grow(size + more.size);
            System.arraycopy(more.micros, 0, micros, size, more.size);
            size += more.size;
            refused += more.refused;
        }

        int[] micros() {
            return Arrays.copyOf(micros, size);
        }

        private void grow(int needed) {
            if (needed > micros.length) {
                micros = Arrays.copyOf(micros, Math.max(needed, 2 * micros.length));
            }
        }
    }
}
