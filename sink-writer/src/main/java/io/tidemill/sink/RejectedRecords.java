package io.tidemill.sink;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/// Records that were set aside, for a person to look at and to put back. Needs Postgres as the
/// owner of the schema. Not thread-safe.
public final class RejectedRecords {

    /// The header of a record that was put back: which one it repeats, as {@link Origin} writes it.
    public static final String REPLAY_HEADER = "tidemill-replay-of";

    /// Where a record stood.
    public record Origin(String topic, int partition, long offset) {

        private static final Pattern WRITTEN =
                Pattern.compile("([a-zA-Z0-9._-]{1,249})-([0-9]{1,9})@([0-9]{1,18})");

        /// @param text as `tidemill.events-0@123`
        /// @throws IllegalArgumentException when it isn't written so
        public static Origin parse(String text) {
            Matcher parts = WRITTEN.matcher(text);
            if (!parts.matches()) {
                throw new IllegalArgumentException(text + " is not like tidemill.events-0@123");
            }
            return new Origin(
                    parts.group(1),
                    Integer.parseInt(parts.group(2)),
                    Long.parseLong(parts.group(3)));
        }

        @Override
        public String toString() {
            return topic + "-" + partition + "@" + offset;
        }
    }

    /// A record that was set aside.
    ///
    /// @param key null when it has none, or its content is not kept
    /// @param value null when it has none, or its content is not kept
    /// @param replayedAt null while it was not put back
    /// @param replayedAs null while it was not put back
    /// @param replayOf null when it was not put back itself
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record RejectedRecord(
            Origin origin,
            String reason,
            String detail,
            Instant firstSeen,
            byte @Nullable [] key,
            byte @Nullable [] value,
            @Nullable Instant replayedAt,
            @Nullable String replayedAs,
            @Nullable String replayOf) {

        public boolean isErased() {
            return reason.equals(RecordTable.Rejected.ERASED);
        }
    }

    private static final String COLUMNS =
            """
            SELECT topic, kafka_partition, kafka_offset, reason, detail, first_seen, record_key, record_value,
                   replayed_at, replayed_as, replay_of
              FROM analytics.rejected_events
            """;

    private static final String LIST =
            COLUMNS
                    + """
                     WHERE (?::text IS NULL OR reason = ?) AND (NOT ? OR replayed_at IS NULL)
                     ORDER BY first_seen DESC, topic, kafka_partition, kafka_offset DESC
                     LIMIT ?
                    """;

    private static final String FIND =
            COLUMNS + " WHERE topic = ? AND kafka_partition = ? AND kafka_offset = ?";

    private static final String REPLAYED =
            """
            UPDATE analytics.rejected_events SET replayed_at = now(), replayed_as = ?
             WHERE topic = ? AND kafka_partition = ? AND kafka_offset = ?
            """;

    private final Connection connection;

    /// @param connection commits by itself; stays the caller's to close
    public RejectedRecords(Connection connection) {
        this.connection = connection;
    }

    /// The newest ones first.
    ///
    /// @param reason null for any
    /// @param most at least 1
    public List<RejectedRecord> list(@Nullable String reason, int most) throws SQLException {
        return list(reason, false, most);
    }

    /// Those that were not put back, the newest ones first.
    ///
    /// @param reason null for any
    /// @param most at least 1
    public List<RejectedRecord> notReplayed(@Nullable String reason, int most) throws SQLException {
        return list(reason, true, most);
    }

    public Optional<RejectedRecord> find(Origin origin) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(FIND)) {
            at(statement, 1, origin);
            return records(statement).stream().findFirst();
        }
    }

    /// Notes that the record is on its topic again: from now on, what becomes of it stands with the
    /// new one.
    public void replayed(Origin origin, Origin as) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(REPLAYED)) {
            statement.setString(1, as.toString());
            at(statement, 2, origin);
            statement.executeUpdate();
        }
    }

    /// Which record this one repeats, by its header; null when it repeats none.
    static @Nullable String replayOf(ConsumerRecord<byte[], byte[]> origin) {
        Header header = origin.headers().lastHeader(REPLAY_HEADER);
        if (header == null || header.value() == null) {
            return null;
        }
        try {
            return Origin.parse(new String(header.value(), UTF_8)).toString();
        } catch (IllegalArgumentException _) {
            // Anybody may write headers; this one is for people, and nothing depends on it.
            return null;
        }
    }

    private List<RejectedRecord> list(@Nullable String reason, boolean open, int most)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(LIST)) {
            statement.setString(1, reason);
            statement.setString(2, reason);
            statement.setBoolean(3, open);
            statement.setInt(4, most);
            return records(statement);
        }
    }

    private static void at(PreparedStatement statement, int first, Origin origin)
            throws SQLException {
        statement.setString(first, origin.topic());
        statement.setInt(first + 1, origin.partition());
        statement.setLong(first + 2, origin.offset());
    }

    private static List<RejectedRecord> records(PreparedStatement statement) throws SQLException {
        List<RejectedRecord> records = new ArrayList<>();
        try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                records.add(record(row));
            }
        }
        return records;
    }

    private static RejectedRecord record(ResultSet row) throws SQLException {
        OffsetDateTime replayedAt = row.getObject("replayed_at", OffsetDateTime.class);
        return new RejectedRecord(
                new Origin(
                        row.getString("topic"),
                        row.getInt("kafka_partition"),
                        row.getLong("kafka_offset")),
                row.getString("reason"),
                row.getString("detail"),
                row.getObject("first_seen", OffsetDateTime.class).toInstant(),
                row.getBytes("record_key"),
                row.getBytes("record_value"),
                replayedAt == null ? null : replayedAt.toInstant(),
                row.getString("replayed_as"),
                row.getString("replay_of"));
    }
}
