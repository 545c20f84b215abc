package io.tidemill.rollup;

import io.tidemill.runtime.Env;
import io.tidemill.runtime.Setting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// The settings of the rollups.
///
/// @param generation counts the times the application was started afresh, from 1
/// @param shards partitions of the first repartition; fixed for a generation
/// @param mergePartitions partitions of the last repartition; fixed for a generation
/// @param threads that process, in this instance
/// @param stateDirectory where this instance alone keeps its stores
/// @param commitInterval between two transactions
/// @param rocksDbMemoryBytes bound on what all RocksDB stores of the process hold in memory
/// @param standbyReplicas copies of the stores kept up to date on other instances
/// @param dedupeHorizon how old an event may be to be counted as it comes
public record RollupConfig(
        int generation,
        int shards,
        int mergePartitions,
        int threads,
        Path stateDirectory,
        Duration commitInterval,
        long rocksDbMemoryBytes,
        int standbyReplicas,
        Duration dedupeHorizon) {

    /// A transaction lives longer than this.
    private static final Duration MAX_COMMIT_INTERVAL = Duration.ofSeconds(10);

    private static final Duration MIN_HORIZON = Duration.ofHours(1);

    /// `events` keeps no more, so no two copies of an event can come further apart.
    private static final Duration MAX_HORIZON = Duration.ofDays(7);

    private static final long MIN_ROCKSDB_MEMORY = 16 << 20;

    public static final Setting<Integer> GENERATION =
            Setting.integer(
                    "TIDEMILL_ROLLUP_GENERATION",
                    1,
                    1,
                    1 << 22,
                    "how often the rollups were started afresh, which is the high part of every"
                            + " revision; all instances have the same");
    public static final Setting<Integer> SHARDS =
            Setting.integer(
                    "TIDEMILL_ROLLUP_SHARDS",
                    8,
                    1,
                    256,
                    "shards that count events in parallel; fixed for a generation");
    public static final Setting<Integer> MERGE_PARTITIONS =
            Setting.integer(
                    "TIDEMILL_ROLLUP_MERGE_PARTITIONS",
                    4,
                    1,
                    256,
                    "partitions in which the shards' counts are merged by project and hour; fixed"
                            + " for a generation");
    public static final Setting<Integer> THREADS =
            Setting.integer(
                    "TIDEMILL_ROLLUP_THREADS", 2, 1, 64, "threads that process, per instance");
    public static final Setting<Path> STATE_DIRECTORY =
            new Setting<>(
                    "TIDEMILL_STATE_DIR",
                    ".tidemill/streams",
                    "folder of this instance's stores; losing it costs a restore from Kafka",
                    Path::of);
    public static final Setting<Duration> COMMIT_INTERVAL =
            Setting.duration(
                    "TIDEMILL_ROLLUP_COMMIT_INTERVAL",
                    "200ms",
                    "time between two transactions, at most 10s; a rollup is three or four times"
                            + " that old");
    public static final Setting<Long> ROCKSDB_MEMORY =
            Setting.bytes(
                    "TIDEMILL_ROCKSDB_MEMORY",
                    "128MiB",
                    "memory of all RocksDB stores of the process together, at least 16MiB");
    public static final Setting<Integer> STANDBY_REPLICAS =
            Setting.integer(
                    "TIDEMILL_ROLLUP_STANDBY_REPLICAS",
                    0,
                    0,
                    8,
                    "copies of the stores kept up to date on other instances, for a fast take-over");

    public static final Setting<Duration> DEDUPE_HORIZON =
            Setting.duration(
                    "TIDEMILL_ROLLUP_DEDUPE_HORIZON",
                    "24h",
                    "how old an event may be to be counted as it comes, 1h to 7d; hours of older"
                            + " ones are recomputed from raw rows. Stores grow with it");

    public static final List<Setting<?>> SETTINGS =
            List.of(
                    GENERATION,
                    SHARDS,
                    MERGE_PARTITIONS,
                    THREADS,
                    STATE_DIRECTORY,
                    COMMIT_INTERVAL,
                    ROCKSDB_MEMORY,
                    STANDBY_REPLICAS,
                    DEDUPE_HORIZON);

    public static RollupConfig from(Env env) {
        return new RollupConfig(
                env.get(GENERATION),
                env.get(SHARDS),
                env.get(MERGE_PARTITIONS),
                env.get(THREADS),
                env.get(STATE_DIRECTORY),
                commitInterval(env),
                rocksDbMemory(env),
                env.get(STANDBY_REPLICAS),
                dedupeHorizon(env));
    }

    private static Duration dedupeHorizon(Env env) {
        Duration horizon = env.get(DEDUPE_HORIZON);
        if (horizon.compareTo(MIN_HORIZON) < 0 || horizon.compareTo(MAX_HORIZON) > 0) {
            env.problem(
                    DEDUPE_HORIZON.name()
                            + " is not between 1h and 7d: "
                            + horizon.toMillis()
                            + "ms");
        }
        return horizon;
    }

    private static Duration commitInterval(Env env) {
        Duration interval = env.get(COMMIT_INTERVAL);
        if (interval.compareTo(MAX_COMMIT_INTERVAL) > 0) {
            env.problem(
                    COMMIT_INTERVAL.name() + " is longer than 10s: " + interval.toMillis() + "ms");
        }
        return interval;
    }

    private static long rocksDbMemory(Env env) {
        long bytes = env.get(ROCKSDB_MEMORY);
        if (bytes < MIN_ROCKSDB_MEMORY) {
            env.problem(ROCKSDB_MEMORY.name() + " is less than 16MiB: " + bytes);
        }
        return bytes;
    }
}
