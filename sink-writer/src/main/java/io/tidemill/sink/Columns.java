package io.tidemill.sink;

import static java.util.Objects.requireNonNull;

import io.r2dbc.spi.Row;
import java.time.Instant;

/// Reads columns that are never null.
final class Columns {

    private Columns() {}

    static String text(Row row, String column) {
        return requireNonNull(row.get(column, String.class), column);
    }

    static long number(Row row, String column) {
        return requireNonNull(row.get(column, Long.class), column);
    }

    static boolean flag(Row row, String column) {
        return requireNonNull(row.get(column, Boolean.class), column);
    }

    static Instant instant(Row row, String column) {
        return requireNonNull(row.get(column, Instant.class), column);
    }
}
