package io.tidemill.guarantees.checks;

import static java.util.Objects.requireNonNull;

import io.tidemill.contract.EventIdentity;
import io.tidemill.guarantees.history.Content;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A row of `analytics.events`, as far as it is judged.
///
/// @param contentHash as of what is sent, see {@link Content}
record StoredEvent(EventIdentity identity, String contentHash) {

    StoredEvent {
        requireNonNull(identity, "identity");
        requireNonNull(contentHash, "contentHash");
    }

    /// @param row with the event's columns, and its time as `timestamp_ms`
    static StoredEvent of(ResultSet row) throws SQLException {
        Map<String, @Nullable Object> fields = new HashMap<>();
        for (String column :
                List.of(
                        "event_type",
                        "user_id",
                        "session_id",
                        "tool_name",
                        "action",
                        "prompt_text",
                        "ai_response")) {
            fields.put(column, row.getString(column));
        }
        fields.put("demo_mode", row.getBoolean("demo_mode"));
        fields.put("properties", Content.parsed(row.getString("properties")));
        fields.put("metadata", Content.parsed(row.getString("metadata")));
        return new StoredEvent(
                new EventIdentity(
                        row.getString("project_id"),
                        row.getLong("timestamp_ms"),
                        row.getString("event_id")),
                Content.hash(fields));
    }
}
