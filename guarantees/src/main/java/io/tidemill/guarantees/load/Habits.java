package io.tidemill.guarantees.load;

import io.tidemill.guarantees.history.Answer;
import io.tidemill.guarantees.history.Outcome;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// What one sender does next. Not thread-safe.
final class Habits {

    private static final int LARGEST_BATCH = 60;
    private static final int REMEMBERED = 200;

    private final RandomGenerator random;
    private final EventMaker events;
    private final Sender sender;
    private final Gateways gateways;
    private final Clock clock;

    /// Sent, and not known to be stored.
    private final Deque<List<Draft>> unanswered = new ArrayDeque<>();

    /// Acknowledged some time ago.
    private final Deque<Draft> remembered = new ArrayDeque<>();

    Habits(
            RandomGenerator random,
            EventMaker events,
            Sender sender,
            Gateways gateways,
            Clock clock) {
        this.random = random;
        this.events = events;
        this.sender = sender;
        this.gateways = gateways;
        this.clock = clock;
    }

    /// Sends a request.
    ///
    /// @return the number of its events
    int sendSome() throws InterruptedException {
        List<Draft> batch = batch();
        int port = gateways.any(random);
        if (random.nextInt(40) == 0) {
            sender.sendAndHangUp(port, batch, random.nextBoolean() ? 1 : random.nextDouble());
            remember(unanswered, named(batch));
        } else {
            note(batch, sender.send(port, batch));
        }
        return batch.size();
    }

    private List<Draft> batch() {
        List<Draft> retried = unanswered.poll();
        // Some give up: what they sent stays unknown for ever.
        if (retried != null && random.nextInt(5) != 0) {
            return retried;
        }
        String project = events.project(random);
        int size = random.nextInt(3) == 0 ? 1 : 1 + random.nextInt(LARGEST_BATCH);
        List<Draft> batch = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            batch.add(events.event(project, clock.millis(), random));
        }
        repeatSome(batch);
        Collections.shuffle(batch, Random.from(random));
        return batch;
    }

    /// Adds copies of earlier events, and events of their identity that say something else.
    private void repeatSome(List<Draft> batch) {
        String project = batch.getFirst().project();
        for (Draft earlier : List.copyOf(remembered)) {
            if (earlier.project().equals(project) && random.nextInt(60) == 0) {
                batch.add(random.nextInt(10) == 0 ? earlier.saying("changed") : earlier);
            }
        }
        if (random.nextInt(20) == 0) {
            batch.add(batch.getFirst());
        }
    }

    private void note(List<Draft> batch, Answer answer) {
        List<Draft> unknown = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            Draft draft = namedOrNull(batch.get(i), answer.eventIds().get(i));
            if (draft == null) {
                continue;
            }
            if (answer.outcomes().get(i) == Outcome.UNKNOWN) {
                unknown.add(draft);
            } else if (answer.outcomes().get(i) == Outcome.ACKNOWLEDGED
                    && random.nextInt(10) == 0) {
                remembered.add(draft);
            }
        }
        while (remembered.size() > REMEMBERED) {
            remembered.remove();
        }
        remember(unanswered, unknown);
    }

    private static void remember(Deque<List<Draft>> batches, List<Draft> batch) {
        if (!batch.isEmpty() && batches.size() < REMEMBERED) {
            batches.add(batch);
        }
    }

    /// A retry without an id would be another event.
    private static List<Draft> named(List<Draft> batch) {
        return batch.stream().filter(draft -> draft.eventId() != null).toList();
    }

    private static @Nullable Draft namedOrNull(Draft draft, @Nullable String toldId) {
        if (draft.eventId() != null) {
            return draft;
        }
        return toldId == null ? null : draft.named(toldId);
    }
}
