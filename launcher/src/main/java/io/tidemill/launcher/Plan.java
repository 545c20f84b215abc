package io.tidemill.launcher;

import io.tidemill.rollup.RollupConfig;
import io.tidemill.runtime.Env;
import io.tidemill.runtime.HttpSettings;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.storage.PostgresUrl;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a process is going to run, with all its settings read and checked.
///
/// @param embedded servers that it runs itself
/// @param parts in the order of their start
/// @param kafka where Kafka is, unless it is embedded
/// @param postgresOrNull where Postgres is, unless it is embedded or not needed
record Plan(
        LauncherConfig config,
        HttpSettings http,
        Set<Server> embedded,
        Map<PartKind, PartKind.Starter> parts,
        KafkaConnection kafka,
        @Nullable PostgresUrl postgresOrNull) {

    /// @throws io.tidemill.runtime.InvalidSettingsException naming every wrong variable
    static Plan read(Env environment, Set<Server> embedded, Set<PartKind> parts) {
        LauncherConfig config = environment.read(() -> LauncherConfig.from(environment));
        Env env = withStateDirectory(environment, config);
        return env.read(() -> {
            Map<PartKind, PartKind.Starter> starters = new EnumMap<>(PartKind.class);
            parts.forEach(part -> starters.put(part, part.configured(env)));
            boolean postgres =
                    parts.stream().anyMatch(part -> part.needs(Server.POSTGRES))
                            && !embedded.contains(Server.POSTGRES);
            return new Plan(
                    config,
                    HttpSettings.from(env),
                    embedded,
                    starters,
                    KafkaConnection.from(env),
                    postgres ? postgres(env, config) : null);
        });
    }

    boolean needs(Server server) {
        return parts.keySet().stream().anyMatch(part -> part.needs(server));
    }

    /// The stores lie in the data folder unless they are given another.
    private static Env withStateDirectory(Env env, LauncherConfig config) {
        if (env.has(RollupConfig.STATE_DIRECTORY)) {
            return env;
        }
        String stores = config.dataDirectory().resolve("streams").toString();
        return env.with(Map.of(RollupConfig.STATE_DIRECTORY.name(), stores));
    }

    private static @Nullable PostgresUrl postgres(Env env, LauncherConfig config) {
        String name = PostgresUrl.SETTING.name();
        if (!env.has(PostgresUrl.SETTING)) {
            env.problem(
                    name
                            + " is not set; beside `run postgres`: "
                            + name
                            + "=$(cat "
                            + EmbeddedServers.urlFile(config)
                            + ")");
            return null;
        }
        return parsed(env.get(PostgresUrl.SETTING));
    }

    /// @throws IllegalArgumentException naming the setting
    static PostgresUrl parsed(String url) {
        try {
            return PostgresUrl.parse(url);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    PostgresUrl.SETTING.name() + " " + e.getMessage(), e);
        }
    }
}
