package io.tidemill.sink;

import io.r2dbc.postgresql.api.ErrorDetails;
import io.r2dbc.postgresql.api.PostgresqlException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What an error of Postgres means for a batch. Goes by SQLSTATE alone: the driver's exception
/// classes group them otherwise.
final class SqlStates {

    private static final String UNIQUE_VIOLATION = "23505";
    private static final Pattern COPY_LINE = Pattern.compile("COPY [^,]+, line (\\d+)");

    private SqlStates() {}

    /// A row exists already.
    static boolean isConflict(Throwable error) {
        return details(error).filter(d -> d.getCode().equals(UNIQUE_VIOLATION)).isPresent();
    }

    /// Some row of the batch can't be stored, now or later: its values are out of range, malformed,
    /// too long for an index, or break a constraint other than uniqueness.
    static boolean isRefusal(Throwable error) {
        return details(error).map(ErrorDetails::getCode).filter(SqlStates::refusesRow).isPresent();
    }

    /// Passes by itself: the server stops, is out of connections or room, a deadlock, a lock or a
    /// time limit; and everything that isn't Postgres' answer, such as a lost connection.
    static boolean isTransient(Throwable error) {
        return details(error)
                .map(ErrorDetails::getCode)
                .map(code -> code.matches("(08|40|53|57).*|55P03|25P0[34]"))
                .orElse(true);
    }

    /// Postgres answered and the connection lives on; a rollback is all it needs.
    static boolean leavesConnectionUsable(Throwable error) {
        return error instanceof FencedException
                || details(error)
                        .filter(d -> "ERROR".equals(d.getSeverityNonLocalized()))
                        .isPresent();
    }

    /// The line of a COPY that an error names, from 1. A hint: with wrong encodings it is an
    /// earlier one.
    static OptionalInt copyLine(Throwable error) {
        String where = details(error).flatMap(ErrorDetails::getWhere).orElse("");
        Matcher line = COPY_LINE.matcher(where);
        return line.find() ? OptionalInt.of(Integer.parseInt(line.group(1))) : OptionalInt.empty();
    }

    /// For metrics: the class of the SQLSTATE, such as `57`, or `connection`.
    static String family(Throwable error) {
        return details(error).map(d -> d.getCode().substring(0, 2)).orElse("connection");
    }

    /// For logs and people: code and message, never the row's content, which Postgres keeps in the
    /// detail.
    static String describe(Throwable error) {
        return details(error)
                .map(d -> d.getCode() + " " + d.getMessage())
                .orElseGet(() ->
                        String.valueOf(error.getMessage() == null ? error : error.getMessage()));
    }

    private static boolean refusesRow(String code) {
        return code.startsWith("22")
                || code.startsWith("54")
                || (code.startsWith("23") && !code.equals(UNIQUE_VIOLATION));
    }

    private static Optional<ErrorDetails> details(Throwable error) {
        return error instanceof PostgresqlException answer
                ? Optional.of(answer.getErrorDetails())
                : Optional.empty();
    }
}
