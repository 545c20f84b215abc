package io.tidemill.query;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The parameters of a question: each known to its route, given once, and within its limits. An
/// empty one counts as not given.
final class QueryParameters {

    /// What narrows a question without changing it: a cursor stays valid.
    private static final Set<String> PAGING = Set.of("cursor", "limit");

    private final Map<String, String> values = new TreeMap<>();

    /// @param target a request's target, with its query
    /// @param known every parameter of the route
    QueryParameters(String target, Set<String> known) {
        decoded(target).forEach((name, given) -> put(name, given, known));
    }

    private void put(String name, List<String> given, Set<String> known) {
        if (!known.contains(name)) {
            throw new BadParameterException(
                    name, "is not a parameter of this route: it takes " + new TreeSet<>(known));
        }
        if (given.size() > 1) {
            throw new BadParameterException(name, "is given more than once");
        }
        String value = given.getFirst();
        if (value.indexOf('\0') >= 0) {
            throw new BadParameterException(name, "holds a NUL character");
        }
        if (!value.isEmpty()) {
            values.put(name, value);
        }
    }

    private static Map<String, List<String>> decoded(String target) {
        try {
            return QueryStringDecoder.builder()
                    .htmlQueryDecoding(true)
                    .semicolonIsNormalChar(true)
                    .build(target)
                    .parameters();
        } catch (IllegalArgumentException e) {
            throw new BadParameterException("the query", "is not percent-encoded as it should be");
        }
    }

    @Nullable String text(String name) {
        return values.get(name);
    }

    int integer(String name, int defaultValue, int min, int max) {
        Integer value = integer(name, min, max);
        return value == null ? defaultValue : value;
    }

    @Nullable Integer integer(String name, int min, int max) {
        String text = values.get(name);
        if (text == null) {
            return null;
        }
        try {
            int value = Integer.parseInt(text);
            if (value >= min && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Told below, like a number out of range.
        }
        throw new BadParameterException(name, "is not a whole number from " + min + " to " + max);
    }

    TimeRange range(int defaultHours, Clock clock) {
        return TimeRange.parse(
                text("from"),
                text("to"),
                integer("hours", 1, TimeRange.MAX_HOURS),
                defaultHours,
                clock);
    }

    /// What a cursor belongs to: all parameters but those that only turn pages.
    String question() {
        Map<String, String> question = new TreeMap<>(values);
        question.keySet().removeAll(PAGING);
        return question.toString();
    }
}
