package io.tidemill.launcher;

import io.tidemill.runtime.Env;
import io.tidemill.runtime.HttpSettings;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.storage.PostgresUrl;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `tidemill up`: the whole pipeline in one process.
@Command(
        name = "up",
        description = {
            "Runs the whole pipeline in one process, on an embedded Kafka and an embedded Postgres.",
            "With TIDEMILL_KAFKA_BOOTSTRAP or TIDEMILL_POSTGRES_URL set, that one is used instead."
                    + " Ctrl-C or SIGTERM ends it in good order; the next `up` goes on from there."
        },
        mixinStandardHelpOptions = true)
final class UpCommand implements Callable<Integer> {

    private static final String LOOPBACK = "127.0.0.1";

    @Option(
            names = "--data-dir",
            paramLabel = "FOLDER",
            description = "Where the data is kept; default: $TIDEMILL_DATA_DIR, or .tidemill here.")
    private @Nullable Path dataDirectory;

    @Option(names = "--temporary", description = "Keep nothing: all data is deleted at the end.")
    private boolean temporary;

    private final PrintStream out = System.out;

    @Override
    public Integer call() throws InterruptedException {
        return StopSignal.heedWhile(this::up);
    }

    private void up(StopSignal stop) throws InterruptedException {
        Env env = environment();
        try (DataDirectory data = openDataDirectory(env)) {
            Logging.toFolder(data.logs());
            Plan plan =
                    Plan.read(
                            env.with(
                                    Map.of(
                                            LauncherConfig.DATA_DIRECTORY.name(),
                                            data.path().toString())),
                            embedded(env),
                            EnumSet.allOf(PartKind.class));
            requireFreePorts(plan);
            try (Pipeline pipeline = new Pipeline(plan, stop, out)) {
                pipeline.start();
                pipeline.awaitReady(Optional.of(plan.config().startupTimeout()));
                banner(pipeline, data).lines().forEach(out::println);
                out.flush();
                pipeline.awaitStop();
                out.println("Tidemill is stopping");
                out.flush();
            }
        }
    }

    private Env environment() {
        Env env = Env.ofProcess();
        return dataDirectory == null
                ? env
                : env.with(Map.of(LauncherConfig.DATA_DIRECTORY.name(), dataDirectory.toString()));
    }

    private DataDirectory openDataDirectory(Env env) {
        return temporary
                ? DataDirectory.temporary()
                : DataDirectory.kept(env.read(() -> env.get(LauncherConfig.DATA_DIRECTORY)));
    }

    private static Set<Server> embedded(Env env) {
        Set<Server> embedded = EnumSet.allOf(Server.class);
        if (env.has(KafkaConnection.BOOTSTRAP)) {
            embedded.remove(Server.KAFKA);
        }
        if (env.has(PostgresUrl.SETTING)) {
            embedded.remove(Server.POSTGRES);
        }
        return embedded;
    }

    private static void requireFreePorts(Plan plan) {
        Ports.requireFree(plan.http().host(), plan.http().port(), HttpSettings.PORT);
        LauncherConfig config = plan.config();
        if (plan.embedded().contains(Server.KAFKA)) {
            Ports.requireFree(LOOPBACK, config.kafkaPort(), LauncherConfig.KAFKA_PORT);
        }
        // A Postgres that a killed process left behind still has its port until it is stopped.
        boolean leftBehind =
                Files.exists(config.dataDirectory().resolve("postgres/data/postmaster.pid"));
        if (plan.embedded().contains(Server.POSTGRES) && !leftBehind) {
            Ports.requireFree(LOOPBACK, config.postgresPort(), LauncherConfig.POSTGRES_PORT);
        }
    }

    private static Banner banner(Pipeline pipeline, DataDirectory data) {
        Plan plan = pipeline.plan();
        return new Banner(
                pipeline.httpAddress().orElseThrow(),
                pipeline.kafka().bootstrap(),
                pipeline.postgres().orElseThrow(),
                pipeline.analystPassword(),
                data.path() + (data.isTemporary() ? " (deleted at the end)" : ""),
                !plan.embedded().isEmpty());
    }
}
