package io.tidemill.sink;

import static io.tidemill.sink.PipelineFixture.PATIENCE;
import static io.tidemill.sink.PipelineFixture.events;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidemill.embedded.Durability;
import io.tidemill.embedded.EmbeddedPostgres;
import io.tidemill.runtime.Health;
import io.tidemill.storage.SchemaMigration;
import io.tidemill.testkit.TestPostgres;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.MemberDescription;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What happens to a sink under load when its Postgres dies, hangs, is full, or goes back in time.
@Tag("endurance")
class PostgresFaultsIT {

    @TempDir private Path directory;
    @TempDir private Path backup;
    private EmbeddedPostgres postgres;
    private PipelineFixture pipeline;
    private SinkWriter sink;

    @BeforeEach
    void start() {
        postgres = startPostgres(0);
        SchemaMigration.run(postgres.url(), "");
        pipeline = new PipelineFixture(2, postgres.url());
        sink = pipeline.startSink();
        pipeline.send(events("before", 1_000));
        pipeline.awaitEvents(1_000);
    }

    @AfterEach
    void stop() {
        pipeline.close();
        postgres.close();
    }

    @Test
    void aPostgresThatIsKilledAndComesBackAtOnceCostsNothing() throws Exception {
        for (int round = 0; round < 3; round++) {
            // when
            pipeline.send(events("killed-" + round, 5_000));
            postmaster().destroyForcibly();
            restart();
        }

        // then
        awaitAll(16_000);
    }

    @Test
    void aPostgresThatHangsKeepsTheSinkInItsGroup() throws Exception {
        // given
        Set<String> members = members();
        List<ProcessHandle> processes =
                Stream.concat(postmaster().descendants(), Stream.of(postmaster())).toList();

        // when
        signal("STOP", processes);
        try {
            pipeline.send(events("hanging", 5_000));
            await().atMost(PATIENCE.multipliedBy(2))
                    .until(() -> sink.health().status() == Health.Status.DOWN);
        } finally {
            signal("CONT", processes);
        }

        // then
        awaitAll(6_000);
        assertThat(members()).isEqualTo(members);
    }

    @Test
    void aPostgresWithoutAFreeConnectionIsWaitedFor() throws Exception {
        // given
        Deque<Connection> others = new ArrayDeque<>();

        // when
        try {
            takeAll(others);
            pipeline.send(events("full", 5_000));
            await().atMost(PATIENCE)
                    .until(() -> {
                        takeAll(others);
                        return sink.health().status() == Health.Status.DOWN;
                    });
        } finally {
            for (Connection other : others) {
                other.close();
            }
        }

        // then
        awaitAll(6_000);
    }

    @Test
    void aPostgresThatIsRestoredFromACopyIsFilledUpAgain() throws Exception {
        // given
        pipeline.send(events("in-the-copy", 2_000));
        pipeline.awaitEvents(3_000);
        int port = postgres.url().port();
        postgres.close();
        copy(directory, backup);
        postgres = startPostgres(port);
        pipeline.send(events("after-the-copy", 3_000));
        pipeline.awaitEvents(6_000);

        // when
        pipeline.send(events("meanwhile", 500));
        postgres.close();
        delete(directory);
        copy(backup, directory);
        postgres = startPostgres(port);

        // then
        awaitAll(6_500);
        assertThat(
                        pipeline.number(
                                "SELECT count(DISTINCT event_id) FROM analytics.events WHERE event_id LIKE 'after-the-copy-%'"))
                .isEqualTo(3_000);
    }

    /// Rows and offsets agree, and the sink is well again.
    private void awaitAll(int events) {
        pipeline.awaitEvents(events);
        pipeline.awaitStored(events);
        await().atMost(PATIENCE).until(() -> sink.health().isUp());
    }

    private void takeAll(Deque<Connection> others) {
        try {
            while (true) {
                Connection other = TestPostgres.connect(postgres.url());
                others.push(other);
                try (var statement = other.createStatement()) {
                    statement.execute(
                            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'tidemill-%'");
                }
            }
        } catch (SQLException e) {
            assertThat(e.getSQLState()).isEqualTo("53300");
        }
    }

    private Set<String> members() throws Exception {
        String group = pipeline.topics.prefix() + "sink";
        try (Admin admin = Admin.create(pipeline.kafka.clientConfig("members"))) {
            return requireNonNull(
                            admin.describeConsumerGroups(List.of(group)).all().get().get(group))
                    .members()
                    .stream()
                    .map(MemberDescription::consumerId)
                    .collect(Collectors.toSet());
        }
    }

    private ProcessHandle postmaster() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            Path file =
                    files.filter(path -> path.endsWith("postmaster.pid")).findFirst().orElseThrow();
            long pid = Long.parseLong(Files.readAllLines(file).getFirst().strip());
            return ProcessHandle.of(pid).orElseThrow();
        }
    }

    private static void signal(String signal, List<ProcessHandle> processes) throws Exception {
        Stream<String> pids = processes.stream().map(ProcessHandle::pid).map(String::valueOf);
        List<String> command = Stream.concat(Stream.of("kill", "-" + signal), pids).toList();
        // Some may have gone by themselves.
        new ProcessBuilder(command).inheritIO().start().waitFor();
    }

    private void restart() {
        int port = postgres.url().port();
        postgres.close();
        postgres = startPostgres(port);
    }

    private EmbeddedPostgres startPostgres(int port) {
        Path programs = Path.of(System.getProperty("user.home"), ".cache", "tidemill");
        return EmbeddedPostgres.start(directory, port, programs, Durability.PAGE_CACHE);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                    Files.setPosixFilePermissions(target, Files.getPosixFilePermissions(file));
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        Files.walkFileTree(
                folder,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(Path each, IOException error)
                            throws IOException {
                        if (!each.equals(folder)) {
                            Files.delete(each);
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}
