package io.tidemill.sink;

import io.tidemill.contract.Erasure;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What was done about users who are erased, for a person who asks. Needs Postgres as the owner of
/// the schema. Not thread-safe.
public final class ErasureRecords {

    /// An erasure on record.
    ///
    /// @param receivedBefore events received before this instant are covered
    /// @param doneAt when the last row was gone; null while some may be there
    /// @param events rows that were deleted
    /// @param hours that they were in
    /// @param rejected records that were set aside and whose content was removed
    public record ErasureRecord(
            String projectId,
            String userId,
            Instant receivedBefore,
            Instant recordedAt,
            @Nullable Instant doneAt,
            long events,
            long hours,
            long rejected) {}

    private static final String COLUMNS =
            """
            SELECT project_id, user_id, received_before, recorded_at, done_at, events, hours, rejected
              FROM pipeline.erasures
            """;

    private static final String LIST = COLUMNS + " WHERE project_id = ? ORDER BY recorded_at";

    /// Once the record was taken in: an erasure that was done before says nothing about this one.
    private static final String DONE =
            COLUMNS
                    + """
                     WHERE project_id = ? AND user_id = ? AND done_at IS NOT NULL
                       AND EXISTS (SELECT FROM pipeline.consumer_offsets
                                    WHERE topic = ? AND partition = ? AND next_offset > ?)
                    """;

    private static final String MARKS =
            """
            SELECT (SELECT count(DISTINCT hour) FROM pipeline.hour_marks WHERE project_id = ? AND id <= ?) AS marked,
                   (SELECT coalesce(max(id), 0) FROM pipeline.hour_marks) AS last_mark
            """;

    private static final String NOW = "SELECT clock_timestamp() AS now";

    private final Connection connection;

    /// @param connection commits by itself; stays the caller's to close
    public ErasureRecords(Connection connection) {
        this.connection = connection;
    }

    /// An erasure of what was received up to now, by the database's clock.
    public Erasure upToNow(String projectId, String userId) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(NOW);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return Erasure.upTo(projectId, userId, instant(row, "now").toEpochMilli());
        }
    }

    /// All of a project, the latest last.
    public List<ErasureRecord> list(String projectId) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(LIST)) {
            statement.setString(1, projectId);
            return records(statement);
        }
    }

    /// What was done about the user; empty until the record at this place was carried out.
    public Optional<ErasureRecord> done(
            String projectId, String userId, String topic, int partition, long offset)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(DONE)) {
            statement.setString(1, projectId);
            statement.setString(2, userId);
            statement.setString(3, topic);
            statement.setInt(4, partition);
            statement.setLong(5, offset);
            return records(statement).stream().findFirst();
        }
    }

    /// The newest mark there is: once none of the project up to it is left, its rollups hold all
    /// that was done before.
    public long lastMark() throws SQLException {
        return marks("", 0, "last_mark");
    }

    /// Hours of the project that wait to be recomputed for marks up to this one.
    public long markedHours(String projectId, long lastMark) throws SQLException {
        return marks(projectId, lastMark, "marked");
    }

    private long marks(String projectId, long lastMark, String column) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(MARKS)) {
            statement.setString(1, projectId);
            statement.setLong(2, lastMark);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(column);
            }
        }
    }

    private static List<ErasureRecord> records(PreparedStatement statement) throws SQLException {
        List<ErasureRecord> records = new ArrayList<>();
        try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                OffsetDateTime doneAt = row.getObject("done_at", OffsetDateTime.class);
                records.add(
                        new ErasureRecord(
                                row.getString("project_id"),
                                row.getString("user_id"),
                                instant(row, "received_before"),
                                instant(row, "recorded_at"),
                                doneAt == null ? null : doneAt.toInstant(),
                                row.getLong("events"),
                                row.getLong("hours"),
                                row.getLong("rejected")));
            }
        }
        return records;
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
