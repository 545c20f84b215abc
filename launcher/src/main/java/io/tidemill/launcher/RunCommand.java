package io.tidemill.launcher;

import io.tidemill.runtime.Env;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `tidemill run`: one part, or some, in a process of their own.
@Command(
        name = "run",
        description = {
            "Runs one part in its own process, or several: gateway, streams, sink, query, kafka,"
                    + " postgres.",
            "Settings come from the environment; TIDEMILL_KAFKA_BOOTSTRAP and TIDEMILL_POSTGRES_URL"
                    + " say where Kafka and Postgres are."
        },
        mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {

    @Parameters(
            paramLabel = "PART",
            arity = "1..*",
            split = ",",
            description = "What to run, separated by commas.")
    private List<String> names = List.of();

    @Option(
            names = "--data-dir",
            paramLabel = "FOLDER",
            description =
                    "Where kafka, postgres and streams keep data; default: $TIDEMILL_DATA_DIR, or"
                            + " .tidemill here.")
    private @Nullable Path dataDirectory;

    @Spec private @Nullable CommandSpec spec;

    private final PrintStream out = System.out;

    @Override
    public Integer call() throws InterruptedException {
        Set<Server> servers = EnumSet.noneOf(Server.class);
        Set<PartKind> parts = EnumSet.noneOf(PartKind.class);
        for (String name : names) {
            String constant = name.toUpperCase(Locale.ROOT);
            if (labels(Server.values()).anyMatch(name::equals)) {
                servers.add(Server.valueOf(constant));
            } else if (labels(PartKind.values()).anyMatch(name::equals)) {
                parts.add(PartKind.valueOf(constant));
            } else {
                throw unknown(name);
            }
        }
        return StopSignal.heedWhile(stop -> run(servers, parts, stop));
    }

    private void run(Set<Server> servers, Set<PartKind> parts, StopSignal stop)
            throws InterruptedException {
        Logging.toConsole();
        Plan plan = Plan.read(environment(), servers, parts);
        try (Pipeline pipeline = new Pipeline(plan, stop, out)) {
            pipeline.start();
            announceServers(pipeline);
            // Restoring stores may take long, and health tells how it goes.
            pipeline.awaitReady(Optional.empty());
            pipeline.httpAddress()
                    .ifPresent(address -> say("Tidemill " + list(parts) + " ready: " + address));
            pipeline.awaitStop();
        }
    }

    private void announceServers(Pipeline pipeline) {
        Set<Server> embedded = pipeline.plan().embedded();
        if (embedded.contains(Server.KAFKA)) {
            say("Tidemill kafka ready: " + pipeline.kafka().bootstrap());
        }
        if (embedded.contains(Server.POSTGRES)) {
            say("Tidemill postgres ready: " + pipeline.postgres().orElseThrow());
            say("its whole address: " + EmbeddedServers.urlFile(pipeline.plan().config()));
        }
    }

    private Env environment() {
        Env env = Env.ofProcess();
        return dataDirectory == null
                ? env
                : env.with(Map.of(LauncherConfig.DATA_DIRECTORY.name(), dataDirectory.toString()));
    }

    private void say(String line) {
        out.println(line);
        out.flush();
    }

    private static Stream<String> labels(Enum<?>[] values) {
        return Stream.of(values).map(value -> value.name().toLowerCase(Locale.ROOT));
    }

    private static String list(Set<PartKind> parts) {
        return labels(parts.toArray(Enum<?>[]::new)).collect(Collectors.joining(","));
    }

    private ParameterException unknown(String name) {
        String known =
                Stream.concat(labels(PartKind.values()), labels(Server.values()))
                        .collect(Collectors.joining(", "));
        return new ParameterException(
                Optional.ofNullable(spec).orElseThrow().commandLine(),
                "there is no part " + name + "; there are " + known);
    }
}
