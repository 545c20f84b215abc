package io.tidemill.sink;

import io.tidemill.contract.Hash128;
import io.tidemill.contract.sketch.UniqueSketch;
import io.tidemill.storage.PostgresUrl;
import io.tidemill.testkit.TestPostgres;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// A database of its own for sketches of unique ids, and sketches to put there.
final class SketchDatabase implements AutoCloseable {

    final PostgresUrl url = TestPostgres.shared().freshDatabase();
    final Connection connection;

    SketchDatabase() throws SQLException {
        connection = TestPostgres.connect(url);
    }

    /// Of ids that other sketches are likely to hold, too.
    static UniqueSketch sketchOf(Random random, int ids) {
        UniqueSketch sketch = new UniqueSketch();
        for (int i = 0; i < ids; i++) {
            long seed = random.nextInt(2 * ids + 100);
            sketch.add(new Hash128(new Random(seed).nextLong(), 0));
        }
        return sketch;
    }

    static UniqueSketch together(List<UniqueSketch> sketches) {
        UniqueSketch together = new UniqueSketch();
        sketches.forEach(together::add);
        return together;
    }

    /// Users of the project `shop`.
    static UniqueSketch ids(String... users) {
        UniqueSketch sketch = new UniqueSketch();
        for (String user : users) {
            sketch.add(Hash128.of("shop", user));
        }
        return sketch;
    }

    long number(String sql, Object... parameters) throws SQLException {
        try (PreparedStatement statement = prepare(sql, parameters);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    byte[] bytes(String sql, Object... parameters) throws SQLException {
        try (PreparedStatement statement = prepare(sql, parameters);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getBytes(1);
        }
    }

    void execute(String sql, @Nullable Object... parameters) throws SQLException {
        try (PreparedStatement statement = prepare(sql, parameters)) {
            statement.executeUpdate();
        }
    }

    private PreparedStatement prepare(String sql, @Nullable Object... parameters)
            throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < parameters.length; i++) {
            @Nullable Object value = parameters[i];
            statement.setObject(
                    i + 1, value instanceof Instant time ? time.atOffset(ZoneOffset.UTC) : value);
        }
        return statement;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
