package io.tidemill.ingest;

import io.tidemill.ingest.parsing.RefusedException;
import io.tidemill.ingest.parsing.Rejection;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// Keeps what the gateway holds in memory within its limit: every request counts its bytes from
/// their arrival until its answer. Thread-safe.
final class Admission {

    private final long maxBytes;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicInteger requests = new AtomicInteger();
    private volatile boolean draining;

    Admission(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /// Takes one request, without any bytes yet.
    ///
    /// @throws RefusedException when no new requests are taken
    Ticket admit() {
        // Counted first: a request either sees the draining, or is seen by it.
        Ticket ticket = new Ticket();
        if (draining) {
            ticket.close();
            throw new RefusedException(Rejection.DRAINING, "the gateway is about to stop");
        }
        return ticket;
    }

    /// Takes no new requests from now on.
    void drain() {
        draining = true;
    }

    boolean isDraining() {
        return draining;
    }

    /// Requests that are not answered yet.
    int requests() {
        return requests.get();
    }

    /// Bytes that requests hold.
    long bytes() {
        return bytes.get();
    }

    /// What one request holds. A client that goes away may close it under work still going on.
    final class Ticket implements AutoCloseable {

        private long held;
        private boolean closed;

        private Ticket() {
            requests.incrementAndGet();
        }

        /// Counts more bytes to this request.
        ///
        /// @throws RefusedException when all requests together would hold too many
        synchronized void hold(long more) {
            if (closed) {
                return;
            }
            held += more;
            if (bytes.addAndGet(more) > maxBytes) {
                throw new RefusedException(
                        Rejection.OVERLOADED, "too many bytes are waiting to be acknowledged");
            }
        }

        /// Bytes that it holds now.
        synchronized long bytes() {
            return closed ? 0 : held;
        }

        /// Gives everything back. Idempotent.
        @Override
        public synchronized void close() {
            if (closed) {
                return;
            }
            closed = true;
            bytes.addAndGet(-held);
            requests.decrementAndGet();
        }
    }
}
