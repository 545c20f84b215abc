package io.tidemill.contract.settings;

import io.tidemill.contract.sketch.Measurements;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads settings that people write, and tells all mistakes at once.
///
/// ```json
/// {"dimensions": [{"name": "model", "path": "model", "event_type": "completion"}],
///  "measures": [{"name": "cost_usd", "path": "cost_usd", "by": ["model"], "where": {"status": "ok"}}]}
/// ```
public final class SettingsReader {

    /// The most dimensions, and the most measures.
    public static final int MAX_NAMED = 20;

    /// The most dimensions that measures are split by, over all measures.
    public static final int MAX_SPLITS = 50;

    private static final int MAX_CONDITIONS = 10;
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,62}");
    private static final Set<String> NOT_OURS = Set.of("version", "settings_version", "from_hour");
    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .build();

    private final List<String> problems = new ArrayList<>();

    private SettingsReader() {}

    /// @throws InvalidCountingSettingsException with everything that is wrong
    public static CountingSettings read(byte[] file) {
        try {
            return read(JSON.readTree(file));
        } catch (JacksonException e) {
            throw new InvalidCountingSettingsException(
                    List.of("not JSON: " + e.getOriginalMessage()));
        }
    }

    static CountingSettings read(JsonNode json) {
        return new SettingsReader().settings(json);
    }

    private CountingSettings settings(JsonNode json) {
        if (!json.isObject()) {
            throw new InvalidCountingSettingsException(List.of("not a JSON object"));
        }
        onlyThese("settings", json, Set.of("dimensions", "measures"), NOT_OURS);
        List<Dimension> dimensions = all(json, "dimensions", this::dimension);
        Set<String> names = new HashSet<>(CountingSettings.BUILT_IN);
        for (Dimension dimension : dimensions) {
            if (!names.add(dimension.name())) {
                problems.add("there are two dimensions " + dimension.name());
            }
        }
        List<Measure> measures = all(json, "measures", this::measure);
        checkMeasures(measures, names);
        if (!problems.isEmpty()) {
            throw new InvalidCountingSettingsException(problems);
        }
        return new CountingSettings(dimensions, measures);
    }

    private void checkMeasures(List<Measure> measures, Set<String> dimensions) {
        Set<String> names = new HashSet<>();
        int splits = 0;
        for (Measure measure : measures) {
            if (!names.add(measure.name())) {
                problems.add("there are two measures " + measure.name());
            }
            splits += measure.by().size();
            for (String dimension : new TreeMap<>(counted(measure.by())).keySet()) {
                if (!dimensions.contains(dimension)) {
                    problems.add(
                            "measure "
                                    + measure.name()
                                    + " by "
                                    + dimension
                                    + ": no such dimension");
                }
            }
            if (counted(measure.by()).size() < measure.by().size()) {
                problems.add("measure " + measure.name() + " is split twice by a dimension");
            }
        }
        if (splits > MAX_SPLITS) {
            problems.add("measures are split " + splits + " times, at most " + MAX_SPLITS);
        }
    }

    private static Map<String, Boolean> counted(List<String> names) {
        Map<String, Boolean> distinct = new TreeMap<>();
        names.forEach(name -> distinct.put(name, true));
        return distinct;
    }

    private <T> List<T> all(JsonNode json, String field, Function<Place, Optional<T>> read) {
        JsonNode list = json.path(field);
        if (list.isMissingNode()) {
            return List.of();
        }
        if (!list.isArray() || list.size() > MAX_NAMED) {
            problems.add(field + " is not a list of at most " + MAX_NAMED);
            return List.of();
        }
        List<T> all = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            read.apply(new Place(field + "[" + i + "]", list.get(i))).ifPresent(all::add);
        }
        return all;
    }

    /// Where something is, in words.
    private record Place(String name, JsonNode json) {

        Place in(String field) {
            return new Place(name + "." + field, json.path(field));
        }
    }

    private Optional<Dimension> dimension(Place at) {
        if (!isObject(at, Set.of("name", "path", "event_type"))) {
            return Optional.empty();
        }
        String name = name(at.in("name"));
        PropertyPath path = path(at.in("path"));
        String eventType = optionalText(at.in("event_type"));
        return name == null || path == null
                ? Optional.empty()
                : Optional.of(new Dimension(name, path, eventType));
    }

    private Optional<Measure> measure(Place at) {
        if (!isObject(at, Set.of("name", "path", "event_type", "where", "factor", "by"))) {
            return Optional.empty();
        }
        String name = name(at.in("name"));
        PropertyPath path = path(at.in("path"));
        String eventType = optionalText(at.in("event_type"));
        Map<String, String> where = where(at.in("where"));
        BigDecimal factor = factor(at.in("factor"));
        List<String> by = by(at.in("by"));
        return name == null || path == null
                ? Optional.empty()
                : Optional.of(new Measure(name, path, eventType, where, factor, by));
    }

    private @Nullable String name(Place at) {
        if (at.json().isString() && NAME.matcher(at.json().stringValue()).matches()) {
            return at.json().stringValue();
        }
        problems.add(at.name() + " is not a name: a letter, then letters, digits and _, all small");
        return null;
    }

    private @Nullable PropertyPath path(Place at) {
        if (!at.json().isString()) {
            problems.add(at.name() + " is not a path such as usage.total_tokens");
            return null;
        }
        return path(at.name(), at.json().stringValue());
    }

    private @Nullable PropertyPath path(String place, String text) {
        try {
            return PropertyPath.of(text);
        } catch (IllegalArgumentException e) {
            problems.add(place + ": " + e.getMessage());
            return null;
        }
    }

    private @Nullable String optionalText(Place at) {
        if (at.json().isMissingNode() || at.json().isNull()) {
            return null;
        }
        if (at.json().isString() && !at.json().stringValue().isEmpty()) {
            return at.json().stringValue();
        }
        problems.add(at.name() + " is not a text");
        return null;
    }

    private Map<String, String> where(Place at) {
        Map<String, String> where = new TreeMap<>();
        if (at.json().isMissingNode()) {
            return where;
        }
        if (!at.json().isObject() || at.json().size() > MAX_CONDITIONS) {
            problems.add(at.name() + " is not an object of at most " + MAX_CONDITIONS + " values");
            return where;
        }
        for (Map.Entry<String, JsonNode> condition : at.json().properties()) {
            String value = DimensionValue.of(condition.getValue());
            if (value == null) {
                problems.add(
                        at.name()
                                + "."
                                + condition.getKey()
                                + " is not a text, a boolean or a whole number");
            } else if (path(at.name(), condition.getKey()) != null) {
                where.put(condition.getKey(), value);
            }
        }
        return where;
    }

    private BigDecimal factor(Place at) {
        if (at.json().isMissingNode()) {
            return BigDecimal.ONE;
        }
        if (at.json().isNumber()) {
            BigDecimal factor = at.json().decimalValue();
            Optional<BigDecimal> rounded = Measurements.value(factor);
            if (factor.signum() != 0
                    && rounded.isPresent()
                    && rounded.get().compareTo(factor) == 0) {
                return factor;
            }
        }
        problems.add(at.name() + " is not a number other than 0 of at most 18 places, up to 10^18");
        return BigDecimal.ONE;
    }

    private List<String> by(Place at) {
        List<String> by = new ArrayList<>();
        if (at.json().isMissingNode()) {
            return by;
        }
        if (!at.json().isArray()) {
            problems.add(at.name() + " is not a list of dimensions");
            return by;
        }
        for (int i = 0; i < at.json().size(); i++) {
            String name = name(new Place(at.name() + "[" + i + "]", at.json().get(i)));
            if (name != null) {
                by.add(name);
            }
        }
        return by;
    }

    private boolean isObject(Place at, Set<String> fields) {
        if (!at.json().isObject()) {
            problems.add(at.name() + " is not an object");
            return false;
        }
        onlyThese(at.name(), at.json(), fields, Set.of());
        return true;
    }

    private void onlyThese(String place, JsonNode json, Set<String> fields, Set<String> others) {
        for (String field : json.propertyNames()) {
            if (!fields.contains(field) && !others.contains(field)) {
                problems.add(place + " has a field that is not known: " + field);
            }
        }
    }
}
