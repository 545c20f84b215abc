package io.tidemill.query;

import io.tidemill.projects.ProjectsFile;
import io.tidemill.runtime.Env;
import io.tidemill.runtime.Setting;
import java.time.Duration;
import java.util.List;

/// All settings of the read side.
///
/// @param connections to Postgres, at most
/// @param questions answered or waiting for a connection at once, at most
/// @param statementTimeout enforced by Postgres on every statement
public record QueryConfig(int connections, int questions, Duration statementTimeout) {

    static final Setting<Integer> CONNECTIONS =
            Setting.integer(
                    "TIDEMILL_QUERY_CONNECTIONS",
                    8,
                    1,
                    100,
                    "connections to Postgres for reading, 1 to 100");
    static final Setting<Integer> QUESTIONS =
            Setting.integer(
                    "TIDEMILL_QUERY_MAX_QUESTIONS",
                    64,
                    1,
                    10_000,
                    "questions at hand at once, waiting ones included, 1 to 10,000; more are"
                            + " answered with 503");
    static final Setting<Duration> STATEMENT_TIMEOUT =
            Setting.duration(
                    "TIDEMILL_QUERY_STATEMENT_TIMEOUT",
                    "10s",
                    "a question that takes Postgres longer is ended and answered with 422");

    public static final List<Setting<?>> SETTINGS =
            List.of(CONNECTIONS, QUESTIONS, STATEMENT_TIMEOUT);

    /// How long an answer may take before its connection counts as lost. A question has up to three
    /// statements, and the server ends each by itself where it can still be reached.
    Duration patience() {
        return statementTimeout.multipliedBy(3).plusSeconds(5);
    }

    public static QueryConfig from(Env env) {
        ProjectsFile.check(env);
        return new QueryConfig(
                env.get(CONNECTIONS), env.get(QUESTIONS), env.get(STATEMENT_TIMEOUT));
    }
}
