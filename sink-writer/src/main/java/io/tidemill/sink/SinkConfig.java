package io.tidemill.sink;

import io.tidemill.contract.RollupApplication;
import io.tidemill.contract.Topics;
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
/// @param counting the topology whose positions decide what is complete
public record SinkConfig(
        int batchRows,
        long batchBytes,
        long bufferBytes,
        int connections,
        Duration statementTimeout,
        Counting counting) {

    /// The topology that counts, as far as the sink has to know it. Names are without the prefix.
    ///
    /// @param group its consumer group
    /// @param repartitions its internal stages, each fed by the ones before it
    public record Counting(String group, List<String> repartitions) {

        /// The first generation of the application.
        public static final Counting DEFAULT =
                new Counting(
                        new RollupApplication(new Topics(""), 1).id(),
                        List.of(
                                RollupApplication.SHARD,
                                RollupApplication.SESSIONS,
                                RollupApplication.MERGE));

        public Counting {
            repartitions = List.copyOf(repartitions);
        }
    }

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

    public static final List<Setting<?>> SETTINGS =
            List.of(BATCH_ROWS, BATCH_BYTES, BUFFER_BYTES, CONNECTIONS, STATEMENT_TIMEOUT);

    public static SinkConfig from(Env env) {
        return new SinkConfig(
                env.get(BATCH_ROWS),
                env.get(BATCH_BYTES),
                env.get(BUFFER_BYTES),
                env.get(CONNECTIONS),
                env.get(STATEMENT_TIMEOUT),
                Counting.DEFAULT);
    }

    /// The same, watching another topology.
    public SinkConfig withCounting(Counting other) {
        return new SinkConfig(
                batchRows, batchBytes, bufferBytes, connections, statementTimeout, other);
    }
}
