package io.tidemill.launcher;

import io.tidemill.contract.Hours;
import io.tidemill.runtime.Env;
import io.tidemill.runtime.StartupException;
import io.tidemill.sink.HourRebuild;
import io.tidemill.sink.HourRebuild.Progress;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/// `tidemill rebuild`: makes rollups anew of raw rows.
@Command(
        name = "rebuild",
        description = {
            "Makes the rollups of a project's hours anew, as a GROUP BY over its raw rows.",
            "The sinks do it, at the pace of all recomputations: it goes on when this command is"
                    + " stopped. Needs the database of TIDEMILL_POSTGRES_URL as its owner, or that of"
                    + " `up` on this machine."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit code:%n",
        exitCodeList = {
            "0:every hour was recomputed",
            "1:some hour can't be, or the database can't be reached"
        })
final class RebuildCommand implements Callable<Integer> {

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(250);
    private static final int LOOKS_BEFORE_ADVICE = 60;

    /// More than eleven years: a range that nobody meant.
    private static final int MOST_HOURS = 100_000;

    @Option(
            names = "--project",
            paramLabel = "PROJECT",
            required = true,
            description = "Of this project.")
    private String project = "";

    @Option(
            names = "--from",
            paramLabel = "TIME",
            required = true,
            description = "From the hour of this time on, as 2025-10-18T01:00:00Z.")
    private Instant from = Instant.EPOCH;

    @Option(
            names = "--to",
            paramLabel = "TIME",
            required = true,
            description = "Hours that start before this time.")
    private Instant to = Instant.EPOCH;

    @Option(names = "--json", description = "Print one JSON object instead of lines.")
    private boolean json;

    private final Env env;
    private final PrintStream out = System.out;
    private final PrintStream err = System.err;

    RebuildCommand() {
        this(Env.ofProcess());
    }

    RebuildCommand(Env env) {
        this.env = env;
    }

    @Override
    public Integer call() throws InterruptedException {
        Instant first = Instant.ofEpochMilli(Hours.startOf(from.toEpochMilli()));
        Instant end = Instant.ofEpochMilli(Hours.startOf(to.toEpochMilli() - 1) + Hours.MILLIS);
        if (!from.isBefore(to)) {
            throw new StartupException("--to is not after --from");
        }
        return RunningServers.inPostgres(env, connection -> rebuild(connection, first, end));
    }

    private int rebuild(Connection connection, Instant first, Instant end)
            throws SQLException, InterruptedException {
        HourRebuild rebuild = new HourRebuild(connection, project, first, end);
        if (rebuild.hours() > MOST_HOURS) {
            throw new StartupException("more than %,d hours at once".formatted(MOST_HOURS));
        }
        refuse(rebuild.withoutPartition(), rebuild.hours());
        if (!rebuild.findsAnything()) {
            throw new StartupException(
                    "project "
                            + project
                            + " has no events and no rollups from "
                            + first
                            + " to "
                            + end);
        }
        rebuild.announce();
        Progress done = await(rebuild);
        tell(rebuild.hours(), done, first, end);
        return done.recomputed() == rebuild.hours() ? 0 : 1;
    }

    private static void refuse(List<Instant> withoutPartition, int hours) {
        if (!withoutPartition.isEmpty()) {
            throw new StartupException(
                    "raw rows of %d of %d hours are not kept, from %s to %s: nothing is rebuilt"
                            .formatted(
                                    withoutPartition.size(),
                                    hours,
                                    withoutPartition.getFirst(),
                                    withoutPartition.getLast().plusMillis(Hours.MILLIS)));
        }
    }

    private Progress await(HourRebuild rebuild) throws SQLException, InterruptedException {
        Progress progress = rebuild.look();
        int looksWithoutChange = 0;
        while (!progress.isOver()) {
            Thread.sleep(BETWEEN_LOOKS);
            Progress next = rebuild.look();
            looksWithoutChange = next.equals(progress) ? looksWithoutChange + 1 : 0;
            if (!next.equals(progress)) {
                err.printf("%,d of %,d hours recomputed%n", next.recomputed(), rebuild.hours());
            }
            if (looksWithoutChange == LOOKS_BEFORE_ADVICE) {
                err.println("nothing was recomputed for a while: does a sink run?");
            }
            progress = next;
        }
        return rebuild.look();
    }

    private void tell(int hours, Progress done, Instant first, Instant end) {
        if (json) {
            Map<String, Object> report = new LinkedHashMap<>();
            report.put("project_id", project);
            report.put("from", first.toString());
            report.put("to", end.toString());
            report.put("hours", hours);
            report.put("recomputed", done.recomputed());
            out.println(JsonMapper.shared().writeValueAsString(report));
            return;
        }
        out.printf("%,d of %,d hours of %s recomputed%n", done.recomputed(), hours, project);
    }
}
