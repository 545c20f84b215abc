package io.tidemill.guarantees.load;

import io.tidemill.guarantees.history.Answer;
import io.tidemill.guarantees.history.Outcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads what a gateway answered: what of each event its sender may rely on.
final class Answers {

    private Answers() {}

    static Answer of(int status, boolean retryAfter, String body, int events) {
        if (status >= 500) {
            // The ids are told all the same; what is durable is not.
            return withIds(status, retryAfter, body, events);
        }
        if (status >= 400) {
            return Answer.same(status, retryAfter, Outcome.REFUSED, events);
        }
        return withIds(status, retryAfter, body, events);
    }

    private static Answer withIds(int status, boolean retryAfter, String body, int events) {
        JsonNode json;
        try {
            json = JsonMapper.shared().readTree(body);
        } catch (JacksonException _) {
            return Answer.same(status, retryAfter, Outcome.UNKNOWN, events);
        }
        if (json.has("event_id") && events == 1) {
            Outcome outcome = status == 200 ? Outcome.ACKNOWLEDGED : Outcome.UNKNOWN;
            return new Answer(
                    status, retryAfter, List.of(outcome), List.of(json.get("event_id").asString()));
        }
        JsonNode ids = json.path("event_ids");
        if (ids.size() != events) {
            return Answer.same(status, retryAfter, Outcome.UNKNOWN, events);
        }
        Map<Integer, String> errors = new HashMap<>();
        for (JsonNode error : json.path("errors")) {
            errors.put(error.get("event_index").asInt(), error.get("code").asString());
        }
        List<Outcome> outcomes = new ArrayList<>();
        List<@Nullable String> told = new ArrayList<>();
        for (int i = 0; i < events; i++) {
            told.add(ids.get(i).isNull() ? null : ids.get(i).asString());
            outcomes.add(outcome(errors.get(i)));
        }
        return new Answer(status, retryAfter, outcomes, told);
    }

    private static Outcome outcome(@Nullable String error) {
        if (error == null) {
            return Outcome.ACKNOWLEDGED;
        }
        return error.equals("not_durable") ? Outcome.UNKNOWN : Outcome.REFUSED;
    }
}
