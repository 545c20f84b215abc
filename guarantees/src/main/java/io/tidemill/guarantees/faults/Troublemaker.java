package io.tidemill.guarantees.faults;

import io.tidemill.contract.Topics;
import io.tidemill.guarantees.faults.FaultPlan.Planned;
import io.tidemill.guarantees.processes.Deployment;
import io.tidemill.guarantees.processes.Instance;
import io.tidemill.guarantees.processes.Link;
import io.tidemill.guarantees.processes.ManagedProcess;
import io.tidemill.guarantees.processes.PostgresServer;
import io.tidemill.guarantees.processes.SmallDisk;
import io.tidemill.storage.PostgresUrl;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;

/// Makes planned faults happen to a deployment. Thread-safe.
public final class Troublemaker {

    private static final int MOST_PARTITIONS = 16;

    private final Deployment deployment;
    private final Topics topics;
    private final Clock clock;

    /// Odd while the database is being put back to an older state.
    private final AtomicInteger databaseLife = new AtomicInteger();

    private final Object restoring = new Object();

    public Troublemaker(Deployment deployment, Topics topics, Clock clock) {
        this.deployment = deployment;
        this.topics = topics;
        this.clock = clock;
    }

    /// Grows by two with each time that the database is put back; odd on the way.
    public int databaseLife() {
        return databaseLife.get();
    }

    Trouble begin(Planned planned) throws Exception {
        String label = planned.kind().label() + " ";
        PostgresServer postgres = deployment.postgresServer();
        return switch (planned.kind()) {
            case KILL_PART -> {
                ManagedProcess part = part(planned);
                part.kill();
                yield Trouble.passing(label + part.name());
            }
            case TERMINATE_PART -> {
                ManagedProcess part = part(planned);
                part.terminate();
                yield Trouble.passing(label + part.name());
            }
            case PAUSE_PART -> paused(label, part(planned));
            case LOSE_STREAMS_STATE -> {
                Instance streams =
                        any(
                                deployment.members().stream()
                                        .filter(member -> member.part().equals("streams"))
                                        .toList(),
                                planned);
                streams.loseData();
                yield Trouble.passing(label + streams.name());
            }
            case KILL_BROKER -> {
                ManagedProcess broker = broker(planned);
                broker.kill();
                yield Trouble.passing(label + broker.name());
            }
            case TERMINATE_BROKER -> {
                ManagedProcess broker = broker(planned);
                broker.terminate();
                yield Trouble.passing(label + broker.name());
            }
            case PAUSE_BROKER -> paused(label, broker(planned));
            case STRAND_LEADER -> stranded(label, planned);
            case KILL_POSTGRES -> {
                postgres.killServer();
                yield Trouble.passing(label);
            }
            case STOP_POSTGRES_FAST -> {
                postgres.signal("INT");
                yield Trouble.passing(label);
            }
            case STOP_POSTGRES_AT_ONCE -> {
                postgres.signal("QUIT");
                yield Trouble.passing(label);
            }
            case PAUSE_POSTGRES -> {
                postgres.signalAll("STOP");
                yield new Trouble(label, () -> postgres.signalAll("CONT"));
            }
            case KILL_WHAT_MINDS_POSTGRES -> {
                postgres.minder().kill();
                yield Trouble.passing(label);
            }
            case KILL_EVERYTHING -> {
                deployment.processes().forEach(ManagedProcess::kill);
                postgres.killServer();
                yield Trouble.passing(label);
            }
            case CUT_LINK -> spoilt(label, planned, Link.State.CUT);
            case SILENCE_LINK -> spoilt(label, planned, Link.State.SILENT);
            case DELAY_LINK -> spoilt(label, planned, Link.State.DELAYED);
            case SLOW_LINK -> spoilt(label, planned, Link.State.SLOW);
            case FILL_DISK -> filled(label, planned);
            case LOCK_TABLE -> locked(label, planned);
            case ADD_PARTITIONS -> Trouble.passing(label + addPartitions());
            case POISON -> {
                new Poison(deployment.bootstrap(), topics)
                        .pour(new SplittableRandom(planned.pick()), clock.millis());
                yield Trouble.passing(label);
            }
            case STALE_ROLLUPS -> {
                new Poison(deployment.bootstrap(), topics).repeatOldRollups();
                yield Trouble.passing(label);
            }
            case JOIN -> joined(label, planned);
            case RESTORE_POSTGRES -> {
                synchronized (restoring) {
                    postgres.takeBackup();
                }
                yield new Trouble(label, this::restore);
            }
        };
    }

    private void restore() throws InterruptedException {
        synchronized (restoring) {
            databaseLife.incrementAndGet();
            try {
                deployment.postgresServer().restoreBackup();
            } finally {
                databaseLife.incrementAndGet();
            }
        }
    }

    private static Trouble paused(String label, ManagedProcess process) {
        process.pause();
        return new Trouble(label + process.name(), process::resume);
    }

    private Trouble stranded(String label, Planned planned) {
        ManagedProcess alone = broker(planned);
        List<ManagedProcess> others =
                deployment.brokers().stream().filter(broker -> broker != alone).toList();
        others.forEach(ManagedProcess::pause);
        return new Trouble(
                label + alone.name(),
                () -> {
                    alone.kill();
                    others.forEach(ManagedProcess::resume);
                });
    }

    private Trouble spoilt(String label, Planned planned, Link.State state) {
        Link link = any(deployment.links(), planned);
        link.turn(state);
        return new Trouble(label + link.name(), () -> link.turn(Link.State.SOUND));
    }

    private Trouble filled(String label, Planned planned) throws Exception {
        SmallDisk disk = any(deployment.disks(), planned);
        disk.fill();
        return new Trouble(label + disk.name(), disk::free);
    }

    private Trouble joined(String label, Planned planned) {
        List<Instance> spares =
                deployment.instances().stream()
                        .filter(instance -> !instance.process().isWanted())
                        .toList();
        if (spares.isEmpty()) {
            return Trouble.passing(label + "nobody");
        }
        ManagedProcess spare = any(spares, planned).process();
        spare.start();
        return new Trouble(label + spare.name(), spare::stop);
    }

    private Trouble locked(String label, Planned planned) throws SQLException {
        String table =
                any(
                        List.of(
                                "analytics.events",
                                "analytics.hourly_rollups",
                                "pipeline.consumer_offsets",
                                "pipeline.hour_marks"),
                        planned);
        PostgresUrl url = deployment.postgres();
        Connection connection = DriverManager.getConnection(url.jdbcUrl(), url.jdbcProperties());
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET lock_timeout = '5s'");
            statement.execute("LOCK TABLE " + table + " IN ACCESS EXCLUSIVE MODE");
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
        return new Trouble(label + table, connection::close);
    }

    private String addPartitions() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", deployment.bootstrap()))) {
            int now =
                    admin.describeTopics(List.of(topics.events()))
                            .allTopicNames()
                            .get()
                            .values()
                            .iterator()
                            .next()
                            .partitions()
                            .size();
            int then = Math.min(MOST_PARTITIONS, now + 2);
            if (then > now) {
                admin.createPartitions(Map.of(topics.events(), NewPartitions.increaseTo(then)))
                        .all()
                        .get();
            }
            return "to " + then;
        }
    }

    private ManagedProcess part(Planned planned) {
        return any(deployment.members(), planned).process();
    }

    private ManagedProcess broker(Planned planned) {
        return any(deployment.brokers(), planned);
    }

    private static <T> T any(List<T> all, Planned planned) {
        return all.get(planned.pick() % all.size());
    }
}
