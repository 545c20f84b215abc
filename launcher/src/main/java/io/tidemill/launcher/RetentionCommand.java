package io.tidemill.launcher;

import io.tidemill.projects.Projects;
import io.tidemill.projects.ProjectsFile;
import io.tidemill.runtime.Env;
import io.tidemill.runtime.StartupException;
import io.tidemill.sink.RetentionReview;
import io.tidemill.sink.RetentionReview.Window;
import io.tidemill.sink.SinkConfig;
import io.tidemill.storage.PostgresUrl;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `tidemill retention`: what is kept how long, what goes, and the confirmation of shorter windows.
@Command(
        name = "retention",
        description = {
            "Shows how long raw events and rollups are kept, and what the settings"
                    + " (TIDEMILL_RAW_RETENTION, TIDEMILL_ROLLUP_RETENTION, and the projects file)"
                    + " would remove now. Changes nothing, unless --confirm is given.",
            "A window that is made shorter, and would remove something, is not in force until it is"
                    + " confirmed; until then the longer one stays.",
            "Works on the database of TIDEMILL_POSTGRES_URL, or that of `up` on this machine."
        },
        mixinStandardHelpOptions = true)
final class RetentionCommand implements Callable<Integer> {

    @Option(names = "--dry-run", description = "Only show; the default.")
    private boolean dryRun;

    @Option(
            names = "--confirm",
            description = "Put the configured windows in force, the shorter ones, too.")
    private boolean confirm;

    @Option(names = "--json", description = "Print one JSON object instead of lines.")
    private boolean json;

    @Option(
            names = "--data-dir",
            paramLabel = "FOLDER",
            description = "The data folder; default: $TIDEMILL_DATA_DIR, or .tidemill here.")
    private @Nullable Path dataDirectory;

    private final PrintStream out = System.out;

    /// What the command reads before it begins.
    private record Inputs(PostgresUrl postgres, SinkConfig config, ProjectsFile projects) {}

    @Override
    public Integer call() {
        if (dryRun && confirm) {
            throw new StartupException("--dry-run and --confirm exclude each other");
        }
        Env env = Env.ofProcess();
        Inputs inputs =
                env.read(() -> new Inputs(postgres(env), SinkConfig.from(env), projectsFile(env)));
        Projects projects = inputs.projects().read().orElseGet(Projects::open);
        try (RetentionReview review =
                RetentionReview.open(inputs.postgres(), inputs.config(), projects)) {
            List<Window> windows = Objects.requireNonNull(review.windows().block());
            RetentionReport report = new RetentionReport(windows, confirm);
            if (confirm) {
                review.confirm().block();
            }
            if (json) {
                out.println(report.json());
            } else {
                report.lines().forEach(out::println);
            }
            return 0;
        } catch (RuntimeException e) {
            throw new StartupException(
                    "can't review what " + inputs.postgres() + " keeps: " + Reasons.firstLine(e),
                    e);
        }
    }

    private PostgresUrl postgres(Env env) {
        if (env.has(PostgresUrl.SETTING)) {
            return Plan.parsed(env.get(PostgresUrl.SETTING));
        }
        Path file = EmbeddedServers.urlFile(folder(env));
        try {
            return Plan.parsed(Files.readString(file).strip());
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    PostgresUrl.SETTING.name()
                            + " is not set, and `up` has left no address in "
                            + file,
                    e);
        }
    }

    private ProjectsFile projectsFile(Env env) {
        return env.has(ProjectsFile.SETTING)
                ? ProjectsFile.from(env)
                : new ProjectsFile(Plan.projectsFile(folder(env)));
    }

    private Path folder(Env env) {
        return dataDirectory == null
                ? env.get(LauncherConfig.DATA_DIRECTORY)
                : dataDirectory.toAbsolutePath().normalize();
    }
}
