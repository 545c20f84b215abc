package io.tidemill.launcher;

import io.tidemill.launcher.send.SendCommand;
import io.tidemill.runtime.Env;
import io.tidemill.runtime.Setting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// What a process needs to know beside the settings of its parts.
///
/// @param dataDirectory keeps what is embedded, the rollups' stores and the log of `up`
/// @param kafkaPort of the embedded Kafka
/// @param postgresPort of the embedded Postgres
/// @param eventPartitions of `events`, when it is created
/// @param rollupPartitions of the rollup topics, when they are created
/// @param analystPassword empty leaves the role `analyst` as it is
/// @param startupTimeout bounds each wait of the start
record LauncherConfig(
        Path dataDirectory,
        int kafkaPort,
        int postgresPort,
        int eventPartitions,
        int rollupPartitions,
        String analystPassword,
        Duration startupTimeout,
        Duration drainDelay) {

    static final Setting<Path> DATA_DIRECTORY =
            new Setting<>(
                    "TIDEMILL_DATA_DIR",
                    ".tidemill",
                    "folder of the embedded Kafka and Postgres, of the rollups' stores and of the"
                            + " log of `up`",
                    LauncherConfig::folder);
    static final Setting<Integer> KAFKA_PORT =
            Setting.port(
                    "TIDEMILL_KAFKA_PORT",
                    19_092,
                    "the port of the embedded Kafka; 0 for any free");
    static final Setting<Integer> POSTGRES_PORT =
            Setting.port(
                    "TIDEMILL_POSTGRES_PORT",
                    15_432,
                    "the port of the embedded Postgres; 0 for any free");
    static final Setting<Integer> EVENT_PARTITIONS =
            Setting.integer(
                    "TIDEMILL_EVENTS_PARTITIONS",
                    6,
                    1,
                    1_000,
                    "partitions of the topic `events` when it is created; it may grow later");
    static final Setting<Integer> ROLLUP_PARTITIONS =
            Setting.integer(
                    "TIDEMILL_ROLLUP_PARTITIONS",
                    4,
                    1,
                    1_000,
                    "partitions of the rollup topics when they are created");
    static final Setting<String> ANALYST_PASSWORD =
            Setting.text(
                    "TIDEMILL_ANALYST_PASSWORD",
                    "",
                    "lets the read-only role `analyst` log in with it; the embedded Postgres has"
                            + " `analyst` when it is unset");
    static final Setting<Duration> STARTUP_TIMEOUT =
            Setting.duration(
                    "TIDEMILL_STARTUP_TIMEOUT",
                    "2m",
                    "how long the start waits for Kafka, for Postgres, and `up` for its parts");

    static final Setting<Duration> DRAIN_DELAY =
            Setting.duration(
                    "TIDEMILL_DRAIN_DELAY",
                    "1s",
                    "how long a process that is asked to stop goes on answering, not ready and"
                            + " taking no events, before it closes its port: time for load"
                            + " balancers, and for senders on open connections, to go elsewhere");

    static final List<Setting<?>> SETTINGS =
            List.of(
                    DATA_DIRECTORY,
                    KAFKA_PORT,
                    POSTGRES_PORT,
                    EVENT_PARTITIONS,
                    ROLLUP_PARTITIONS,
                    ANALYST_PASSWORD,
                    STARTUP_TIMEOUT,
                    DRAIN_DELAY,
                    SendCommand.WRITE_KEY);

    static LauncherConfig from(Env env) {
        return new LauncherConfig(
                env.get(DATA_DIRECTORY),
                env.get(KAFKA_PORT),
                env.get(POSTGRES_PORT),
                env.get(EVENT_PARTITIONS),
                env.get(ROLLUP_PARTITIONS),
                env.get(ANALYST_PASSWORD),
                env.get(STARTUP_TIMEOUT),
                env.get(DRAIN_DELAY));
    }

    private static Path folder(String text) {
        // InvalidPathException is an IllegalArgumentException, with the text in its message.
        return Path.of(text).toAbsolutePath().normalize();
    }
}
