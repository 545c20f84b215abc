package io.tidemill.query;

import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.R2dbcTimeoutException;
import io.tidemill.runtime.ErrorCode;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import reactor.pool.PoolShutdownException;

/// Why a question gets no answer, as far as that is nobody's mistake or the asker's.
enum Refusal implements ErrorCode {
    BAD_PARAMETER(
            400,
            "",
            "A parameter is unknown to the route, given twice, or not what it should be.",
            "Correct the parameter that the detail names."),
    UNAUTHORIZED(
            401,
            "A read key is needed: Authorization: Bearer, or X-Api-Key.",
            "A read key is needed, and there is none, or one that nobody has.",
            "Send the project's key: `Authorization: Bearer`, or `X-Api-Key`."),
    WRONG_KEY_KIND(
            403,
            "The key only writes: reading takes an rk_ key.",
            "The key only writes.",
            "Send a read key, such as `rk_…`."),
    NOT_FOUND(
            404,
            "There is no such event.",
            "The project has no event of that id, or none at that `timestamp`.",
            "Check the id; an event that was just acknowledged is there within seconds."),
    TOO_EXPENSIVE(
            422,
            "This took too long: narrow the time range (from and to, or hours), or ask for fewer"
                    + " kinds of events.",
            "The answer took longer than `TIDEMILL_QUERY_STATEMENT_TIMEOUT`.",
            "Narrow the time range, or ask for fewer kinds of events."),
    ANSWER_TOO_LARGE(
            422,
            "The answer would be too large: narrow the time range (from and to, or hours).",
            "The answer would be too large.",
            "Narrow the time range."),
    OVERLOADED(
            503,
            "Too many questions at once: ask again shortly.",
            "As many questions wait as may.",
            "Ask again after `Retry-After`."),
    DATABASE_UNAVAILABLE(
            503,
            "The database can't be reached: ask again shortly.",
            "Postgres can't be reached.",
            "Ask again after `Retry-After`.");

    private final int status;
    private final String detail;
    private final String meaning;
    private final String remedy;

    /// @param detail one sentence for people, in answers
    Refusal(int status, String detail, String meaning, String remedy) {
        this.status = status;
        this.detail = detail;
        this.meaning = meaning;
        this.remedy = remedy;
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String where() {
        return "a read";
    }

    @Override
    public String meaning() {
        return meaning;
    }

    @Override
    public String remedy() {
        return remedy;
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
            case ReadAccess.DeniedException denied -> denied.refusal();
            case QueryRoutes.NoSuchEventException _ -> NOT_FOUND;
            case Snapshots.OverloadedException _ -> OVERLOADED;
            case R2dbcTimeoutException _ -> OVERLOADED;
            case RollupQueries.AnswerTooLargeException _ -> ANSWER_TOO_LARGE;
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
