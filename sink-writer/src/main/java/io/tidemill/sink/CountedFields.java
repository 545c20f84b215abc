package io.tidemill.sink;

import io.tidemill.contract.Event;
import io.tidemill.contract.JsonText;
import io.tidemill.contract.RiskMode;
import org.jspecify.annotations.Nullable;

/// What rollups read of an event, beside its identity: two copies that are equal in it count the
/// same.
///
/// @param properties as sent, of the events of which rollups read any; null for others
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
                event.eventType().equals(RiskMode.EVENT_TYPE) ? event.properties() : null);
    }
}
