package io.tidemill.launcher;

import io.tidemill.projects.ProjectsFile;
import io.tidemill.rollup.RollupConfig;
import io.tidemill.runtime.Env;
import io.tidemill.runtime.HttpSettings;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.storage.PostgresUrl;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a process is going to run, with all its settings read and checked.
///
/// @param embedded servers that it runs itself
/// @param parts in the order of their start
/// @param projects read by parts that serve HTTP
/// @param kafka where Kafka is, unless it is embedded
/// @param postgresOrNull where Postgres is, unless it is embedded or not needed
record Plan(
        LauncherConfig config,
        HttpSettings http,
        Set<Server> embedded,
        Map<PartKind, PartKind.Starter> parts,
        ProjectsFile projects,
        KafkaConnection kafka,
        @Nullable PostgresUrl postgresOrNull) {

    /// @throws io.tidemill.runtime.InvalidSettingsException naming every wrong variable
    static Plan read(Env environment, Set<Server> embedded, Set<PartKind> parts) {
        LauncherConfig config = environment.read(() -> LauncherConfig.from(environment));
        Env env = withinDataDirectory(environment, config);
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
                    ProjectsFile.from(env),
                    KafkaConnection.from(env),
                    postgres ? postgres(env, config) : null);
        });
    }

    boolean needs(Server server) {
        return parts.keySet().stream().anyMatch(part -> part.needs(server));
    }

    /// The stores and the projects lie in the data folder unless they are given another place.
    private static Env withinDataDirectory(Env env, LauncherConfig config) {
        Map<String, String> places = new HashMap<>();
        if (!env.has(RollupConfig.STATE_DIRECTORY)) {
            places.put(
                    RollupConfig.STATE_DIRECTORY.name(),
                    config.dataDirectory().resolve("streams").toString());
        }
        if (!env.has(ProjectsFile.SETTING)) {
            places.put(
                    ProjectsFile.SETTING.name(), projectsFile(config.dataDirectory()).toString());
        }
        return env.with(places);
    }

    /// Where the projects are unless the environment says otherwise.
    static Path projectsFile(Path dataDirectory) {
        return dataDirectory.resolve("projects.json");
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
