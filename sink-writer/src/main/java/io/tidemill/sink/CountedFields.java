package io.tidemill.sink;

import io.tidemill.contract.Event;
import io.tidemill.contract.JsonText;
import io.tidemill.contract.RiskMode;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What rollups read of an event, beside its identity: two copies that are equal in it count the
/// same.
///
/// @param properties as sent; null when not sent
record CountedFields(
        String eventType,
        @Nullable String userId,
        @Nullable String sessionId,
        @Nullable String toolName,
        @Nullable JsonText properties) {

    static CountedFields of(Event event) {
        return new CountedFields(
                event.eventType(),
                event.userId(),
                event.sessionId(),
                event.toolName(),
                event.properties());
    }

    /// Whether just settings, if any, count the other one otherwise.
    boolean isAlikeButForSettings(CountedFields other) {
        return (!eventType.equals(RiskMode.EVENT_TYPE)
                        || Objects.equals(properties, other.properties))
                && withoutProperties().equals(other.withoutProperties());
    }

    private CountedFields withoutProperties() {
        return new CountedFields(eventType, userId, sessionId, toolName, null);
    }
}
