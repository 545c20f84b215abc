package io.tidemill.launcher;

import io.tidemill.contract.Hours;
import io.tidemill.runtime.Env;
import io.tidemill.runtime.StartupException;
import io.tidemill.sink.CohortReconciliation;
import io.tidemill.sink.Reconciliation;
import io.tidemill.sink.Reconciliation.ComparedHour;
import io.tidemill.sink.Reconciliation.Range;
import io.tidemill.storage.PostgresUrl;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `tidemill verify`: proves that the rollups equal a GROUP BY over the raw rows, or shows where
/// they don't.
@Command(
        name = "verify",
        description = {
            "Compares every rollup with a GROUP BY over the raw table, hour by hour.",
            "Reads the database of TIDEMILL_POSTGRES_URL, or that of `up` on this machine. An hour"
                    + " whose events may still be on their way is listed as open, one whose raw"
                    + " events are kept no longer as expired: it can't be compared."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit code:%n",
        exitCodeList = {"0:no hour differs", "1:some hour differs, or the database can't be read"})
final class VerifyCommand implements Callable<Integer> {

    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(3);
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    @Option(
            names = "--from",
            paramLabel = "TIME",
            description =
                    "From the hour of this time on, as 2025-10-18T01:00:00Z; default: all there"
                            + " is.")
    private @Nullable Instant from;

    @Option(
            names = "--to",
            paramLabel = "TIME",
            description = "Hours that start before this time; default: all there is.")
    private @Nullable Instant to;

    @Option(
            names = "--cohorts",
            description = {
                "Compare retention cohorts with raw events, too, of projects for which both reach"
                        + " back to the same day.",
                "An event that was sent under several users counts for each of them in cohorts, and"
                        + " is a row of one: that shows as a difference."
            })
    private boolean withCohorts;

    @Option(names = "--json", description = "Print one JSON object instead of lines.")
    private boolean json;

    private final PrintStream out = System.out;
    private final PrintStream err = System.err;
    private final Clock clock = Clock.systemUTC();
    private Instant toldAt = clock.instant();

    @Override
    public Integer call() throws InterruptedException {
        Env env = Env.ofProcess();
        PostgresUrl postgres = env.read(() -> reader(env));
        VerifyReport report;
        try (Connection connection =
                DriverManager.getConnection(postgres.jdbcUrl(), postgres.jdbcProperties())) {
            report = compare(new Reconciliation(connection));
            if (withCohorts) {
                report =
                        new VerifyReport(
                                report.hours(),
                                new CohortReconciliation(connection).verify(PATIENCE));
            }
        } catch (SQLException e) {
            throw new StartupException(
                    "can't compare in " + postgres + ": " + Reasons.firstLine(e), e);
        }
        if (json) {
            out.println(report.json());
        } else {
            report.lines().forEach(out::println);
        }
        return report.allAgree() ? 0 : 1;
    }

    /// Looks again while hours that are over are not known to be complete, for a while.
    private VerifyReport compare(Reconciliation reconciliation)
            throws SQLException, InterruptedException {
        Instant now = clock.instant();
        Instant deadline = now.plus(PATIENCE);
        VerifyReport report = compareOnce(reconciliation);
        while (report.waitsFor(now) && clock.instant().isBefore(deadline)) {
            reconciliation.awaitCompleteness(Duration.between(clock.instant(), deadline));
            report = compareOnce(reconciliation);
        }
        return report;
    }

    /// A day at a time: each is a scan of the day's raw rows.
    private VerifyReport compareOnce(Reconciliation reconciliation)
            throws SQLException, InterruptedException {
        Optional<Range> extent = reconciliation.extent();
        List<ComparedHour> hours = new ArrayList<>();
        if (extent.isPresent()) {
            Range wanted = within(extent.get());
            Instant day = wanted.from();
            while (day.isBefore(wanted.to())) {
                Instant next = earlier(day.plus(DAY), wanted.to());
                hours.addAll(reconciliation.verify(new Range(day, next), PATIENCE));
                day = next;
                tellProgress(wanted, day, hours.size());
            }
        }
        return new VerifyReport(hours);
    }

    /// On stderr, beside what is printed in the end; a line at most every few seconds, so that
    /// nothing is said of what takes no time.
    private void tellProgress(Range wanted, Instant done, int hours) {
        Instant now = clock.instant();
        if (now.isBefore(toldAt.plus(BETWEEN_LINES))) {
            return;
        }
        toldAt = now;
        long all = Duration.between(wanted.from(), wanted.to()).toHours();
        long past = Duration.between(wanted.from(), done).toHours();
        err.printf(
                Locale.ROOT,
                "compared up to %s, %d %%, %,d rollups%n",
                done,
                100 * past / Math.max(1, all),
                hours);
    }

    private Range within(Range extent) {
        Instant first = from == null ? extent.from() : hourOf(from);
        // An hour that starts before the end is compared whole.
        Instant end = to == null ? extent.to() : hourOf(to.minusMillis(1)).plusMillis(Hours.MILLIS);
        return new Range(
                first.isAfter(extent.from()) ? first : extent.from(), earlier(end, extent.to()));
    }

    private static PostgresUrl reader(Env env) {
        if (env.has(PostgresUrl.SETTING)) {
            return Plan.parsed(env.get(PostgresUrl.SETTING));
        }
        String password = env.get(LauncherConfig.ANALYST_PASSWORD);
        return new PostgresUrl(
                "127.0.0.1",
                env.get(LauncherConfig.POSTGRES_PORT),
                "tidemill",
                "analyst",
                password.isEmpty() ? "analyst" : password);
    }

    private static Instant hourOf(Instant time) {
        return Instant.ofEpochMilli(Hours.startOf(time.toEpochMilli()));
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }
}
