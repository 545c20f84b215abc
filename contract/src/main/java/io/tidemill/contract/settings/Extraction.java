package io.tidemill.contract.settings;

import io.tidemill.contract.Event;
import io.tidemill.contract.JsonText;
import io.tidemill.contract.MalformedRecordException;
import io.tidemill.contract.RiskMode;
import io.tidemill.contract.settings.Extracted.Counted;
import io.tidemill.contract.settings.Extracted.Measured;
import io.tidemill.contract.sketch.Measurements;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/// The rules by which an event is counted and measured beside what is built in. Postgres has the
/// same ones in `analytics.raw_dimensions` and `analytics.raw_measures`.
public final class Extraction {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

    /// A number of fewer digits before the point is 0 after any factor.
    private static final int TOO_SMALL = -40;

    private final Event event;
    private final CountingSettings settings;
    private final JsonNode properties;
    private final List<Counted> counted = new ArrayList<>();
    private final List<Measured> measured = new ArrayList<>();
    private int unmeasured;

    private Extraction(Event event, CountingSettings settings) {
        this.event = event;
        this.settings = settings;
        this.properties = parse(event.properties());
    }

    /// Reads the properties only when there is something to look for.
    ///
    /// @throws MalformedRecordException when the properties can't be read
    public static Extracted of(Event event, CountingSettings settings) {
        return settings.isEmpty() ? Extracted.NONE : new Extraction(event, settings).extract();
    }

    private Extracted extract() {
        for (Dimension dimension : settings.dimensions()) {
            String value = value(dimension);
            if (value != null) {
                counted.add(new Counted(dimension.name(), value));
            }
        }
        settings.measures().forEach(this::measure);
        return new Extracted(counted, measured, unmeasured);
    }

    private void measure(Measure measure) {
        JsonNode found = measure.path().in(properties);
        if (!measure.takes(event.eventType()) || found.isMissingNode() || !holds(measure)) {
            return;
        }
        Optional<BigDecimal> number =
                found.isNumber() ? number(measure, found.decimalValue()) : Optional.empty();
        if (number.isEmpty()) {
            unmeasured++;
            return;
        }
        measured.add(new Measured(measure.name(), "", "", number.get()));
        for (String dimension : measure.by()) {
            String value = value(dimension);
            if (value != null) {
                measured.add(new Measured(measure.name(), dimension, value, number.get()));
            }
        }
    }

    /// The number itself has to be of a size that is measured, and what it is after the factor.
    private static Optional<BigDecimal> number(Measure measure, BigDecimal number) {
        if ((long) number.precision() - number.scale() < TOO_SMALL) {
            return Measurements.value(BigDecimal.ZERO);
        }
        return Measurements.value(number).isEmpty()
                ? Optional.empty()
                : Measurements.value(number.multiply(measure.factor()));
    }

    private boolean holds(Measure measure) {
        for (Map.Entry<String, String> condition : measure.where().entrySet()) {
            JsonNode found = PropertyPath.of(condition.getKey()).in(properties);
            if (!condition.getValue().equals(DimensionValue.of(found))) {
                return false;
            }
        }
        return true;
    }

    private @Nullable String value(String dimension) {
        return switch (dimension) {
            case "event_type" -> event.eventType();
            case "tool" -> event.toolName();
            case "risk_mode" -> RiskMode.of(event);
            default -> settings.dimension(dimension).map(this::value).orElse(null);
        };
    }

    private @Nullable String value(Dimension dimension) {
        return dimension.takes(event.eventType())
                ? DimensionValue.of(dimension.path().in(properties))
                : null;
    }

    private static JsonNode parse(@Nullable JsonText properties) {
        if (properties == null) {
            return MissingNode.getInstance();
        }
        try {
            return JSON.readTree(properties.utf8());
        } catch (JacksonException e) {
            throw new MalformedRecordException("properties are not JSON", e);
        }
    }
}
