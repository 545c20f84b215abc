package io.tidemill.sink;

import io.tidemill.contract.CohortApplication;
import io.tidemill.contract.RollupApplication;
import io.tidemill.contract.Topics;
import io.tidemill.projects.Retention;
import io.tidemill.runtime.Env;
import io.tidemill.runtime.Setting;
import java.time.Duration;
import java.util.List;

/// All settings of the sink.
///
/// @param batchRows of one transaction at most
/// @param batchBytes of one transaction at most, unless a single record is larger
/// @param bufferBytes read and not yet written, over all partitions; reading pauses beyond it
/// @param connections batches written at the same time
/// @param statementTimeout enforced by Postgres on every statement
/// @param counting the applications whose positions decide what is complete
/// @param keeping how long what is kept
public record SinkConfig(
        int batchRows,
        long batchBytes,
        long bufferBytes,
        int connections,
        Duration statementTimeout,
        Counting counting,
        Keeping keeping) {

    /// Of projects that have no windows of their own.
    ///
    /// @param raw of raw events
    /// @param rollups of rollups and cohorts; raw events' when that is longer
    /// @param maxEventAge that an event may have when it is accepted
    public record Keeping(Retention raw, Retention rollups, Duration maxEventAge) {

        public static final Keeping DEFAULT =
                new Keeping(
                        RAW_RETENTION.defaultValue(),
                        ROLLUP_RETENTION.defaultValue(),
                        Duration.ofDays(29));
    }

    /// The applications that count, each on its own.
    public record Counting(List<Application> applications) {

        /// With the first generation of the rollups.
        public static final Counting DEFAULT = withRollups(1);

        public Counting {
            applications = List.copyOf(applications);
        }

        /// @param generation of the rollups, from 1
        public static Counting withRollups(int generation) {
            RollupApplication rollups = new RollupApplication(NO_PREFIX, generation);
            CohortApplication cohorts = new CohortApplication(NO_PREFIX);
            return new Counting(
                    List.of(
                            new Application(rollups.id(), rollups.repartitions()),
                            new Application(cohorts.id(), cohorts.repartitions())));
        }
    }

    /// An application that counts, as far as the sink has to know it. Names are without the prefix.
    ///
    /// @param group its consumer group
    /// @param repartitions the topics between its stages, each fed by the ones before it
    public record Application(String group, List<String> repartitions) {

        public Application {
            repartitions = List.copyOf(repartitions);
        }
    }

    private static final Topics NO_PREFIX = new Topics("");

    static final Setting<Integer> BATCH_ROWS =
            Setting.integer(
                    "TIDEMILL_SINK_BATCH_ROWS",
                    10_000,
                    1,
                    100_000,
                    "rows written in one transaction at most");
    static final Setting<Long> BATCH_BYTES =
            Setting.bytes(
                    "TIDEMILL_SINK_BATCH_BYTES",
                    "8MiB",
                    "bytes of records written in one transaction at most");
    static final Setting<Long> BUFFER_BYTES =
            Setting.bytes(
                    "TIDEMILL_SINK_BUFFER_BYTES",
                    "64MiB",
                    "bytes read from Kafka and not yet written, over all partitions; reading pauses"
                            + " beyond it");
    static final Setting<Integer> CONNECTIONS =
            Setting.integer(
                    "TIDEMILL_SINK_CONNECTIONS",
                    4,
                    1,
                    64,
                    "batches written at the same time, each on a connection of its own");
    static final Setting<Duration> STATEMENT_TIMEOUT =
            Setting.duration(
                    "TIDEMILL_SINK_STATEMENT_TIMEOUT",
                    "30s",
                    "after which Postgres ends a statement of the sink");

    static final Setting<Retention> RAW_RETENTION =
            retention(
                    "TIDEMILL_RAW_RETENTION",
                    "30d",
                    "how long raw events are kept: whole days, or `forever`; a shorter one has to be"
                            + " confirmed with `tidemill retention --confirm`");
    static final Setting<Retention> ROLLUP_RETENTION =
            retention(
                    "TIDEMILL_ROLLUP_RETENTION",
                    "90d",
                    "how long rollups and cohorts are kept: whole days, or `forever`; at least as"
                            + " long as raw events");

    public static final List<Setting<?>> SETTINGS =
            List.of(
                    BATCH_ROWS,
                    BATCH_BYTES,
                    BUFFER_BYTES,
                    CONNECTIONS,
                    STATEMENT_TIMEOUT,
                    RAW_RETENTION,
                    ROLLUP_RETENTION);

    public static SinkConfig from(Env env) {
        return new SinkConfig(
                env.get(BATCH_ROWS),
                env.get(BATCH_BYTES),
                env.get(BUFFER_BYTES),
                env.get(CONNECTIONS),
                env.get(STATEMENT_TIMEOUT),
                Counting.DEFAULT,
                new Keeping(
                        env.get(RAW_RETENTION),
                        env.get(ROLLUP_RETENTION),
                        Keeping.DEFAULT.maxEventAge()));
    }

    /// The same, watching other applications.
    public SinkConfig withCounting(Counting other) {
        return new SinkConfig(
                batchRows, batchBytes, bufferBytes, connections, statementTimeout, other, keeping);
    }

    /// The same, where events of another age are accepted.
    public SinkConfig withMaxEventAge(Duration other) {
        return new SinkConfig(
                batchRows,
                batchBytes,
                bufferBytes,
                connections,
                statementTimeout,
                counting,
                new Keeping(keeping.raw(), keeping.rollups(), other));
    }

    private static Setting<Retention> retention(
            String name, String defaultText, String description) {
        return new Setting<>(
                name,
                defaultText,
                description,
                text -> {
                    try {
                        return Retention.parse(text);
                    } catch (IllegalArgumentException e) {
                        throw new IllegalArgumentException(
                                "is not a window (" + e.getMessage() + "): " + text, e);
                    }
                });
    }
}
