package io.tidemill.guarantees.history;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// All requests of a run, in the order of their sending.
public record History(List<Request> requests) {

    public History {
        requests = List.copyOf(requests);
    }

    /// Reads what {@link HistoryFile} wrote. A request that has no end, or whose end was torn off,
    /// is unknown.
    public static History read(Path path) throws IOException {
        Map<Long, Begun> begun = new LinkedHashMap<>();
        Map<Long, JsonNode> ends = new LinkedHashMap<>();
        try (BufferedReader lines = Files.newBufferedReader(path, UTF_8)) {
            String line = lines.readLine();
            while (line != null) {
                note(line, begun, ends);
                line = lines.readLine();
            }
        }
        List<Request> requests = new ArrayList<>(begun.size());
        begun.forEach((number, request) -> requests.add(request.endedBy(ends.get(number))));
        return new History(requests);
    }

    /// Every event of every request.
    public Stream<Attempt> attempts() {
        return requests.stream().flatMap(Request::attempts);
    }

    public Stream<Attempt> attempts(Outcome outcome) {
        return attempts().filter(attempt -> attempt.outcome() == outcome);
    }

    private static void note(String line, Map<Long, Begun> begun, Map<Long, JsonNode> ends) {
        JsonNode json;
        try {
            json = JsonMapper.shared().readTree(line);
        } catch (JacksonException _) {
            return; // the last line of a sender that was killed
        }
        if (json.has("send")) {
            begun.put(json.get("send").asLong(), Begun.of(json));
        } else {
            ends.put(json.get("end").asLong(), json);
        }
    }

    private record Begun(long atMillis, List<SentEvent> events) {

        static Begun of(JsonNode line) {
            List<SentEvent> events = new ArrayList<>();
            for (JsonNode event : line.get("events")) {
                events.add(
                        new SentEvent(
                                event.get("project").asString(),
                                textOrNull(event.get("id")),
                                event.get("timestamp").asLong(),
                                event.get("content").asString()));
            }
            return new Begun(line.get("at").asLong(), events);
        }

        Request endedBy(@Nullable JsonNode end) {
            if (end == null) {
                return new Request(atMillis, null, events, Answer.unknown(events.size()));
            }
            List<Outcome> outcomes =
                    end.get("outcomes")
                            .asString()
                            .chars()
                            .mapToObj(code -> Outcome.ofCode((char) code))
                            .toList();
            List<@Nullable String> ids = new ArrayList<>();
            end.get("ids").forEach(id -> ids.add(textOrNull(id)));
            return new Request(
                    atMillis,
                    end.get("at").asLong(),
                    events,
                    new Answer(
                            end.get("status").asInt(),
                            end.get("retry_after").asBoolean(),
                            outcomes,
                            ids));
        }
    }

    private static @Nullable String textOrNull(JsonNode node) {
        return node.isNull() ? null : node.asString();
    }
}
