package io.tidemill.guarantees.checks;

import io.tidemill.contract.EventIdentity;
import io.tidemill.guarantees.history.Answer;
import io.tidemill.guarantees.history.History;
import io.tidemill.guarantees.history.Outcome;
import io.tidemill.guarantees.history.Request;
import io.tidemill.guarantees.history.SentEvent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Histories for tests, one event a request.
final class Told {

    static final long TIME = 1_760_000_000_000L;

    private final List<Request> requests = new ArrayList<>();

    Told acknowledged(String project, String id, String content) {
        return add(project, id, content, Outcome.ACKNOWLEDGED, 200);
    }

    Told refused(String project, String id, String content) {
        return add(project, id, content, Outcome.REFUSED, 400);
    }

    Told unknown(String project, @Nullable String id, String content) {
        return add(project, id, content, Outcome.UNKNOWN, Answer.NONE);
    }

    History history() {
        return new History(requests);
    }

    static EventIdentity identity(String project, String id) {
        return new EventIdentity(project, TIME, id);
    }

    static StoredEvent row(String project, String id, String content) {
        return new StoredEvent(identity(project, id), content);
    }

    private Told add(
            String project, @Nullable String id, String content, Outcome outcome, int status) {
        requests.add(
                new Request(
                        TIME,
                        TIME + 5,
                        List.of(new SentEvent(project, id, TIME, content)),
                        new Answer(status, true, List.of(outcome), Collections.singletonList(id))));
        return this;
    }
}
