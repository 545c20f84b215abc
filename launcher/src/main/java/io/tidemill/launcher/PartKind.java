package io.tidemill.launcher;

import io.tidemill.ingest.IngestConfig;
import io.tidemill.ingest.IngestGateway;
import io.tidemill.query.QueryApi;
import io.tidemill.query.QueryConfig;
import io.tidemill.rollup.RollupConfig;
import io.tidemill.rollup.StreamsPart;
import io.tidemill.runtime.Env;
import io.tidemill.runtime.Part;
import io.tidemill.runtime.Setting;
import io.tidemill.sink.SinkConfig;
import io.tidemill.sink.SinkConfig.Counting;
import io.tidemill.sink.SinkWriter;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;

/// Every part, in the order in which one process starts them: what is fed comes before what feeds
/// it, so that stopping, the other way round, leaves nothing on the way.
@SuppressWarnings("ImmutableEnumChecker") // they are, though their types do not say so
enum PartKind {
    QUERY(
            Set.of(Server.POSTGRES),
            QueryConfig.SETTINGS,
            QueryConfig::from,
            (config, with) ->
                    QueryApi.start(config, with.postgres(), with.projects(), with.metrics())),
    SINK(
            Set.of(Server.KAFKA, Server.POSTGRES),
            SinkConfig.SETTINGS,
            env ->
                    SinkConfig.from(env)
                            .withCounting(counting(env))
                            .withMaxEventAge(env.get(IngestConfig.MAX_EVENT_AGE)),
            (config, with) ->
                    SinkWriter.start(
                            config,
                            with.kafka(),
                            with.postgres(),
                            with.projects(),
                            with.metrics())),
    STREAMS(
            Set.of(Server.KAFKA),
            StreamsPart.SETTINGS,
            StreamsPart.Config::from,
            (config, with) -> StreamsPart.start(config, with.kafka(), with.metrics())),
    GATEWAY(
            Set.of(Server.KAFKA),
            IngestConfig.SETTINGS,
            IngestConfig::from,
            (config, with) ->
                    IngestGateway.start(config, with.kafka(), with.projects(), with.metrics()));

    private final Set<Server> needs;
    private final List<Setting<?>> settings;
    private final Function<Env, Starter> configure;

    /// Starts a part whose settings have been read.
    @FunctionalInterface
    interface Starter {
        Part start(Connections connections);
    }

    <C> PartKind(
            Set<Server> needs,
            List<Setting<?>> settings,
            Function<Env, C> config,
            BiFunction<C, Connections, Part> start) {
        this.needs = needs;
        this.settings = settings;
        this.configure =
                env -> {
                    C read = config.apply(env);
                    return connections -> start.apply(read, connections);
                };
    }

    /// As on the command line.
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    boolean needs(Server server) {
        return needs.contains(server);
    }

    List<Setting<?>> settings() {
        return settings;
    }

    /// Reads and checks the part's settings; mistakes are noted in `env`.
    Starter configured(Env env) {
        return configure.apply(env);
    }

    /// The sink watches how far the counts are, without knowing the part that makes them.
    private static Counting counting(Env env) {
        return Counting.withRollups(env.get(RollupConfig.GENERATION));
    }
}
