package io.tidemill.guarantees.checks;

import io.tidemill.contract.EventIdentity;
import io.tidemill.guarantees.history.Attempt;
import io.tidemill.guarantees.history.History;
import io.tidemill.guarantees.history.Outcome;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// What may be stored: everything that was sent and not only refused, by its identity, or, where
/// the gateway minted an id that nobody was told, by its content.
final class Sent {

    private final Map<EventIdentity, Set<String>> contents = new HashMap<>();
    private final Map<EventIdentity, Set<String>> refused = new HashMap<>();
    private final Set<Nameless> nameless = new HashSet<>();

    private record Nameless(String project, long timestampMillis, String contentHash) {}

    Sent(History history) {
        history.attempts().forEach(this::add);
    }

    /// Whether anything of this identity may be there.
    boolean maySay(StoredEvent row) {
        return contents.containsKey(row.identity()) || isMinted(row);
    }

    /// Whether this was sent under this identity, word for word.
    boolean says(StoredEvent row) {
        return contents.getOrDefault(row.identity(), Set.of()).contains(row.contentHash())
                || isMinted(row);
    }

    /// Whether this identity was sent and always refused.
    boolean wasOnlyRefused(EventIdentity identity) {
        return refused.containsKey(identity) && !contents.containsKey(identity);
    }

    private boolean isMinted(StoredEvent row) {
        EventIdentity identity = row.identity();
        return nameless.contains(
                new Nameless(identity.projectId(), identity.timestampMillis(), row.contentHash()));
    }

    private void add(Attempt attempt) {
        String content = attempt.event().contentHash();
        Map<EventIdentity, Set<String>> known =
                attempt.outcome() == Outcome.REFUSED ? refused : contents;
        attempt.identity()
                .ifPresentOrElse(
                        identity ->
                                known.computeIfAbsent(identity, _ -> new HashSet<>(2)).add(content),
                        () -> addNameless(attempt));
    }

    private void addNameless(Attempt attempt) {
        if (attempt.outcome() != Outcome.REFUSED) {
            nameless.add(
                    new Nameless(
                            attempt.event().project(),
                            attempt.event().timestampMillis(),
                            attempt.event().contentHash()));
        }
    }
}
