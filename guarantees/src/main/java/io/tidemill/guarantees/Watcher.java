package io.tidemill.guarantees;

import io.tidemill.guarantees.checks.Postgres;
import io.tidemill.guarantees.checks.Postgres.Freshness;
import io.tidemill.guarantees.checks.RevisionsGrow;
import io.tidemill.guarantees.checks.RevisionsGrow.Part;
import io.tidemill.storage.PostgresUrl;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/// Looks at the tables once a second while everything goes on: how far they are, and whether
/// revisions go back.
final class Watcher implements AutoCloseable {

    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

    private final PostgresUrl url;
    private final IntSupplier databaseLife;
    private final Clock clock;
    private final RevisionsGrow revisions = new RevisionsGrow();
    private final List<Seen> seen = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    private record Seen(Instant at, Freshness freshness) {}

    /// @param databaseLife odd while the database is put back to an older state
    private Watcher(PostgresUrl url, IntSupplier databaseLife, Clock clock) {
        this.url = url;
        this.databaseLife = databaseLife;
        this.clock = clock;
        this.thread = Thread.ofVirtual().name("watcher").start(this::watch);
    }

    static Watcher start(PostgresUrl url, IntSupplier databaseLife, Clock clock) {
        return new Watcher(url, databaseLife, clock);
    }

    RevisionsGrow revisions() {
        return revisions;
    }

    /// How long after an instant everything that was acknowledged before it was in the tables.
    ///
    /// @return empty when that was never seen
    Optional<Duration> recoveredAfter(Instant instant) {
        return seen.stream()
                .filter(look -> look.freshness().completeThrough() != null)
                .filter(look -> look.freshness().isCompleteThrough(instant))
                .map(look -> Duration.between(instant, look.at()))
                .findFirst();
    }

    /// Waits until everything that was acknowledged before now is in the tables.
    ///
    /// @return how long that took; empty when it took longer than that
    Optional<Duration> awaitSettled(Duration longest) throws InterruptedException {
        Instant now = clock.instant();
        Instant deadline = now.plus(longest);
        Optional<Duration> settled = recoveredAfter(now);
        while (settled.isEmpty() && clock.instant().isBefore(deadline)) {
            Thread.sleep(BETWEEN_LOOKS);
            settled = recoveredAfter(now);
        }
        return settled;
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void watch() {
        try {
            while (!closed.await(BETWEEN_LOOKS.toMillis(), TimeUnit.MILLISECONDS)) {
                look();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        int life = databaseLife.getAsInt();
        try (Postgres postgres = Postgres.open(url)) {
            Map<Part, Long> found = postgres.revisions();
            Freshness freshness = postgres.freshness();
            if (life % 2 == 0 && life == databaseLife.getAsInt()) {
                revisions.look(life, found);
                seen.add(new Seen(clock.instant(), freshness));
            }
        } catch (SQLException _) {
            // Postgres is away: one of the faults.
        }
    }
}
