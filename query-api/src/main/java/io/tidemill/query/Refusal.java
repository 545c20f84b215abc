package io.tidemill.query;

import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.R2dbcTimeoutException;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import reactor.pool.PoolShutdownException;

/// Why a question gets no answer, as far as that is nobody's mistake or the asker's.
enum Refusal {
    BAD_PARAMETER(400, "bad_parameter", ""),
    NOT_FOUND(404, "not_found", "There is no such event."),
    TOO_EXPENSIVE(
            422,
            "too_expensive",
            "This took too long: narrow the time range (from and to, or hours), or ask for fewer"
                    + " kinds of events."),
    TOO_LARGE(
            422,
            "answer_too_large",
            "The answer would be too large: narrow the time range (from and to, or hours)."),
    OVERLOADED(503, "overloaded", "Too many questions at once: ask again shortly."),
    DATABASE_UNAVAILABLE(
            503, "database_unavailable", "The database can't be reached: ask again shortly.");

    private final int status;
    private final String code;
    private final String detail;

    Refusal(int status, String code, String detail) {
        this.status = status;
        this.code = code;
        this.detail = detail;
    }

    int status() {
        return status;
    }

    String code() {
        return code;
    }

    /// One sentence for people; of a wrong parameter it says which.
    String detail(Throwable error) {
        return this == BAD_PARAMETER ? String.valueOf(error.getMessage()) : detail;
    }

    /// Which of these an error means; null for an error that nobody foresaw.
    ///
    /// Judged by SQLSTATE: the driver's exception classes say little.
    static @Nullable Refusal of(Throwable error) {
        return switch (error) {
            case BadParameterException _ -> BAD_PARAMETER;
            case QueryRoutes.NoSuchEventException _ -> NOT_FOUND;
            case Snapshots.OverloadedException _ -> OVERLOADED;
            case R2dbcTimeoutException _ -> OVERLOADED;
            case RollupQueries.AnswerTooLargeException _ -> TOO_LARGE;
            case R2dbcException failure -> ofSqlState(failure);
            case TimeoutException _, IOException _, PoolShutdownException _ -> DATABASE_UNAVAILABLE;
            default -> null;
        };
    }

    private static @Nullable Refusal ofSqlState(R2dbcException failure) {
        String sqlState = failure.getSqlState();
        if (sqlState == null) {
            return DATABASE_UNAVAILABLE;
        }
        if (sqlState.equals("57014")) {
            return TOO_EXPENSIVE;
        }
        return switch (sqlState.substring(0, Math.min(2, sqlState.length()))) {
            // Connection lost, too many of them, out of resources, shut down or starting, a lock
            // not
            // got, an administrator's doing, wrong credentials.
            case "08", "53", "57", "55", "40", "28", "3D" -> DATABASE_UNAVAILABLE;
            default -> null;
        };
    }
}
