package io.tidemill.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.contract.Hash128;
import io.tidemill.contract.sketch.UniqueSketch;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Postgres counts and merges sketches as the code does.
class UniqueSketchesIT {

    private static final long SEED = Long.getLong("seed", System.nanoTime());

    private SketchDatabase database;

    @BeforeEach
    void connect() throws SQLException {
        database = new SketchDatabase();
    }

    @AfterEach
    void disconnect() throws SQLException {
        database.close();
    }

    @Test
    void postgresCountsAnySketchesAsTheCodeDoes() throws SQLException {
        for (int number = 0; number < 150; number++) {
            // given
            Random random = new Random(SEED + number);
            List<UniqueSketch> sketches = new ArrayList<>();
            for (int i = random.nextInt(6); i > 0; i--) {
                sketches.add(randomSketch(random));
            }

            // when
            UniqueSketch together = new UniqueSketch();
            sketches.forEach(together::add);

            // then
            assertThat(countOf(sketches))
                    .as("-Dseed=%s", SEED + number)
                    .isEqualTo(together.estimate());
        }
    }

    @Test
    void postgresMergesAnySketchesToTheBytesOfTheCode() throws SQLException {
        for (int number = 0; number < 60; number++) {
            // given
            Random random = new Random(SEED + number);
            List<UniqueSketch> sketches = new ArrayList<>();
            for (int i = random.nextInt(6); i > 0; i--) {
                sketches.add(randomSketch(random));
            }

            // then
            assertThat(unionOf(sketches))
                    .as("-Dseed=%s", SEED + number)
                    .isEqualTo(SketchDatabase.together(sketches).bytes());
        }
    }

    @Test
    void ranksAtTheEdgeCountAsInTheCode() throws SQLException {
        UniqueSketch full = new UniqueSketch();
        UniqueSketch highest = new UniqueSketch();
        for (long index = 0; index < 1 << 14; index++) {
            full.add(new Hash128(index << 50, 0));
            if (index % 3 == 0) {
                highest.add(new Hash128(index << 50, 0));
            }
        }

        assertThat(countOf(List.of(highest))).isEqualTo(highest.estimate());
        assertThat(countOf(List.of(full))).isEqualTo(full.estimate());
    }

    @Test
    void whatIsNotASketchIsRefused() {
        for (String function : List.of("unique_count_of", "unique_union_of")) {
            assertThatThrownBy(() ->
                            database.number("SELECT analytics." + function + "('{\"\\\\x0200\"}')"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("not a sketch of unique ids of version 1");
        }
    }

    private static UniqueSketch randomSketch(Random random) {
        int[] sizes = {0, 1, 30, 600, 1_000, 1_001, 3_000, 40_000};
        return SketchDatabase.sketchOf(random, sizes[random.nextInt(sizes.length)]);
    }

    private long countOf(List<UniqueSketch> sketches) throws SQLException {
        byte[][] bytes = sketches.stream().map(UniqueSketch::bytes).toArray(byte[][]::new);
        return database.number(
                "SELECT analytics.unique_count_of(?)",
                database.connection.createArrayOf("bytea", bytes));
    }

    private byte[] unionOf(List<UniqueSketch> sketches) throws SQLException {
        byte[][] bytes = sketches.stream().map(UniqueSketch::bytes).toArray(byte[][]::new);
        return database.bytes(
                "SELECT analytics.unique_union_of(?)",
                database.connection.createArrayOf("bytea", bytes));
    }
}
