package io.tidemill.guarantees;

import io.tidemill.guarantees.faults.FaultPlan;
import io.tidemill.guarantees.processes.Jvm;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `tidemill torture`: load and faults for some minutes, then the judgement.
@Command(
        name = "torture",
        description = {
            "Runs everything as processes of their own, under load and faults, heals it, and judges"
                    + " every guarantee.",
            "Needs Linux, and ports of 127.0.0.1. A run that fails keeps its folder."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit code:%n",
        exitCodeList = {"0:every guarantee holds", "1:some guarantee is broken"})
public final class Torture implements Callable<Integer> {

    /// Longer than promised, so that what is late is told apart from what is lost.
    private static final Duration PATIENCE = Duration.ofMinutes(6);

    @Option(
            names = "--minutes",
            paramLabel = "N",
            defaultValue = "3",
            description = "How long faults happen; default: ${DEFAULT-VALUE}.")
    private int minutes;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "Of everything that is left to chance; default: another each time.")
    private @Nullable Long seed;

    @Option(
            names = "--brokers",
            paramLabel = "1|3",
            defaultValue = "1",
            description = "Brokers of the Kafka cluster; default: ${DEFAULT-VALUE}.")
    private int brokers;

    @Option(
            names = "--folder",
            paramLabel = "FOLDER",
            description = "Takes data, logs and the history; default: a temporary one.")
    private @Nullable Path folder;

    private final PrintStream out = System.out;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Torture()).execute(arguments));
    }

    @Override
    public Integer call() throws InterruptedException, IOException, SQLException {
        long chosen = seed == null ? ThreadLocalRandom.current().nextLong(1_000_000) : seed;
        Path place =
                folder == null
                        ? WorkFolder.temporary()
                        : Files.createDirectories(folder).toRealPath();
        Duration length = Duration.ofMinutes(minutes);
        Run.Setup setup =
                new Run.Setup(
                        chosen,
                        brokers,
                        length,
                        place,
                        ofThisProcess(),
                        FaultPlan.of(chosen, (int) length.toSeconds()),
                        PATIENCE);
        Report report = new Run(setup, this::say).carryOut();
        report.lines().forEach(this::say);
        Files.write(place.resolve("report.txt"), report.lines());
        if (report.holds() && folder == null) {
            WorkFolder.delete(place);
        } else {
            say("everything is in " + place);
        }
        return report.holds() ? 0 : 1;
    }

    private void say(String line) {
        out.println(line);
        out.flush();
    }

    /// The parts run from the jars that this process runs from.
    static Jvm ofThisProcess() {
        return new Jvm(
                List.of(System.getProperty("java.class.path").split(File.pathSeparator, -1)));
    }
}
