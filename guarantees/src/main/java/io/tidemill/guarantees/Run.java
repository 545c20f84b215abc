package io.tidemill.guarantees;

import io.tidemill.contract.Topics;
import io.tidemill.guarantees.checks.Judge;
import io.tidemill.guarantees.checks.Postgres;
import io.tidemill.guarantees.checks.TopicsRead;
import io.tidemill.guarantees.checks.Verdict;
import io.tidemill.guarantees.faults.FaultPlan;
import io.tidemill.guarantees.faults.Injected;
import io.tidemill.guarantees.faults.Injector;
import io.tidemill.guarantees.faults.Troublemaker;
import io.tidemill.guarantees.history.History;
import io.tidemill.guarantees.history.HistoryFile;
import io.tidemill.guarantees.load.Gateways;
import io.tidemill.guarantees.load.LoadGenerator;
import io.tidemill.guarantees.load.LoadPlan;
import io.tidemill.guarantees.processes.Deployment;
import io.tidemill.guarantees.processes.Jvm;
import io.tidemill.guarantees.processes.ManagedProcess;
import io.tidemill.guarantees.processes.ManagedProcess.Exit;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// One run: a deployment under load and faults, then quiet, then the judgement.
public final class Run {

    private static final List<String> PROJECTS = List.of("alpha", "beta", "gamma");
    private static final int SENDERS = 12;
    private static final int EVENTS_PER_SECOND = 300;
    private static final int EXIT_OUT_OF_MEMORY = 3;

    private final Setup setup;
    private final Consumer<String> told;
    private final Clock clock = Clock.systemUTC();
    private final Topics topics = new Topics(Topics.DEFAULT_PREFIX);

    /// @param folder empty; takes data, logs, the history
    /// @param jvm what the parts run from
    /// @param faults what goes wrong
    /// @param patience for all to settle
    public record Setup(
            long seed,
            int brokers,
            Duration length,
            Path folder,
            Jvm jvm,
            FaultPlan faults,
            Duration patience) {}

    /// @param told takes a line about whatever happens
    public Run(Setup setup, Consumer<String> told) {
        this.setup = setup;
        this.told = told;
    }

    Report carryOut() throws InterruptedException, IOException, SQLException {
        told.accept("starting, seed " + setup.seed());
        try (Deployment deployment =
                Deployment.start(setup.brokers(), PROJECTS, setup.jvm(), setup.folder())) {
            return carryOut(deployment);
        }
    }

    private Report carryOut(Deployment deployment)
            throws InterruptedException, IOException, SQLException {
        Troublemaker troublemaker = new Troublemaker(deployment, topics, clock);
        Path historyPath = setup.folder().resolve("history.ndjson");
        Instant began = clock.instant();
        try (Watcher watcher =
                Watcher.start(deployment.postgres(), troublemaker::databaseLife, clock)) {
            List<Injected> injected;
            try (HistoryFile file = HistoryFile.create(historyPath);
                    LoadGenerator _ =
                            LoadGenerator.start(
                                    new LoadPlan(
                                            setup.seed(),
                                            SENDERS,
                                            EVENTS_PER_SECOND,
                                            setup.length().toSeconds() * EVENTS_PER_SECOND),
                                    new Gateways(deployment.gatewayPorts(), deployment.keys()),
                                    file)) {
                injected = new Injector(troublemaker, clock, told).carryOut(setup.faults());
                Thread.sleep(
                        Math.max(
                                0,
                                Duration.between(clock.instant(), began.plus(setup.length()))
                                        .toMillis()));
            }
            told.accept("healed; waiting until all is settled");
            Optional<Duration> settled = watcher.awaitSettled(setup.patience());
            told.accept("judging");
            return judge(deployment, watcher, History.read(historyPath), began, injected, settled);
        }
    }

    private Report judge(
            Deployment deployment,
            Watcher watcher,
            History history,
            Instant began,
            List<Injected> injected,
            Optional<Duration> settled)
            throws SQLException, InterruptedException {
        List<Exit> exits =
                deployment.processes().stream()
                        .map(ManagedProcess::exits)
                        .flatMap(List::stream)
                        .sorted(Comparator.comparing(Exit::at))
                        .toList();
        List<String> outOfMemory =
                exits.stream()
                        .filter(exit -> exit.code() == EXIT_OUT_OF_MEMORY)
                        .map(exit -> "out of memory: " + exit.name() + " at " + exit.at())
                        .toList();
        List<String> unready = settled.isPresent() ? deployment.unready() : List.of();
        List<Verdict> verdicts;
        try (Postgres postgres = Postgres.open(deployment.postgres())) {
            verdicts =
                    new Judge(postgres, new TopicsRead(deployment.bootstrap(), topics), clock)
                            .judge(
                                    history,
                                    new Judge.Seen(
                                            watcher.revisions(),
                                            deployment.verify(),
                                            outOfMemory,
                                            settled,
                                            unready));
        }
        Map<Injected, Optional<Duration>> recoveries = new LinkedHashMap<>();
        injected.forEach(fault -> recoveries.put(fault, watcher.recoveredAfter(fault.healedAt())));
        return new Report(
                setup.seed(),
                setup.brokers(),
                began,
                setup.length(),
                Availability.of(history),
                recoveries,
                exits,
                settled,
                verdicts);
    }
}
