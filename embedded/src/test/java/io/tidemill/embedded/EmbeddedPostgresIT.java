package io.tidemill.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidemill.runtime.StartupException;
import io.tidemill.storage.PostgresUrl;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class EmbeddedPostgresIT {

    private static final Path PROGRAMS = Path.of("target/programs").toAbsolutePath();

    @TempDir Path directory;

    @Test
    void rowsOutliveARestart() throws Exception {
        // given
        try (EmbeddedPostgres postgres = start()) {
            Sql.execute(postgres.url(), "CREATE TABLE kept AS SELECT 1 AS value");
        }

        // when
        try (EmbeddedPostgres postgres = start()) {
            // then
            assertThat(Sql.query(postgres.url(), "SELECT value FROM kept")).isEqualTo("1");
        }
    }

    @Test
    void committedRowsOutliveAKillOfTheWholeServer() throws Exception {
        // given
        EmbeddedPostgres killed = start();
        Sql.execute(killed.url(), "CREATE TABLE kept AS SELECT 1 AS value");
        PostgresProcess.killAll(PostgresCluster.data(directory));
        await().until(() -> killed.failure().toCompletableFuture().isDone());
        killed.close();

        // when
        try (EmbeddedPostgres postgres = start()) {
            // then
            assertThat(Sql.query(postgres.url(), "SELECT value FROM kept")).isEqualTo("1");
        }
    }

    @Test
    void aServerLeftByAKilledProcessIsReplaced() throws Exception {
        // given
        KilledProcess.startAndKill("postgres", directory, PROGRAMS);
        Path data = PostgresCluster.data(directory);
        long leftPid = PostgresProcess.postmaster(data).orElseThrow().pid();

        // when
        try (EmbeddedPostgres postgres = start()) {
            // then
            assertThat(PostgresProcess.postmaster(data).orElseThrow().pid()).isNotEqualTo(leftPid);
            assertThat(Sql.query(postgres.url(), "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void aStalePidThatNowBelongsToAnotherProcessDoesNotBlock() throws Exception {
        // given
        start().close();
        Path pidFile = PostgresCluster.data(directory).resolve("postmaster.pid");
        Files.writeString(pidFile, ProcessHandle.current().pid() + "\n");

        // when
        try (EmbeddedPostgres postgres = start()) {
            // then
            assertThat(Sql.query(postgres.url(), "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void commitsWaitForTheDisk() throws Exception {
        // given
        try (EmbeddedPostgres postgres =
                EmbeddedPostgres.start(directory, 0, PROGRAMS, Durability.DISK)) {
            // when // then
            assertThat(Sql.query(postgres.url(), "SHOW fsync")).isEqualTo("on");
            assertThat(Sql.query(postgres.url(), "SHOW full_page_writes")).isEqualTo("on");
            assertThat(Sql.query(postgres.url(), "SHOW synchronous_commit")).isEqualTo("on");
        }
    }

    @Test
    void onlyThePasswordOpensTheDatabase() throws Exception {
        // given
        try (EmbeddedPostgres postgres = start()) {
            PostgresUrl url = postgres.url();

            // when
            PostgresUrl wrong =
                    new PostgresUrl(url.host(), url.port(), url.database(), url.user(), "guess");

            // then
            assertThatThrownBy(() -> Sql.query(wrong, "SELECT 1"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("password authentication failed");
            assertThat(Files.getPosixFilePermissions(directory.resolve("password")))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        }
    }

    @Test
    void textIsUtf8AndTimeIsUtcWhateverTheMachineSays() throws Exception {
        // given
        try (EmbeddedPostgres postgres = start()) {
            // when // then
            assertThat(Sql.query(postgres.url(), "SHOW server_encoding")).isEqualTo("UTF8");
            assertThat(Sql.query(postgres.url(), "SELECT upper('é')")).isEqualTo("É");
            assertThat(Sql.query(postgres.url(), "SELECT 'a' > 'B'")).isEqualTo("t");
            assertThat(Sql.query(postgres.url(), "SHOW log_timezone")).isEqualTo("UTC");
        }
    }

    @Test
    void aSecondServerOnTheSameDirectoryIsRefused() {
        // given
        try (EmbeddedPostgres _ = start()) {
            // when // then
            assertRefused("in use by another process");
        }
    }

    @Test
    void aTakenPortIsSaidInOneLine() throws Exception {
        // given
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral(LocalPort.HOST))) {
            int port = taken.getLocalPort();

            // when // then
            assertThatThrownBy(() ->
                            EmbeddedPostgres.start(
                                    directory, port, PROGRAMS, Durability.PAGE_CACHE))
                    .isInstanceOf(StartupException.class)
                    .hasMessageContaining("127.0.0.1:" + port)
                    .hasMessageContaining("taken")
                    .hasMessageNotContaining("\n");
        }
        start().close(); // and nothing stays locked
    }

    @Test
    void dataOfAnotherMajorVersionIsRefused() throws Exception {
        // given
        start().close();
        Files.writeString(PostgresCluster.data(directory).resolve("PG_VERSION"), "17\n");

        // when // then
        assertRefused("was written by Postgres 17");
    }

    @Test
    void aServerThatCantStartIsQuoted() throws Exception {
        // given
        start().close();
        Files.delete(PostgresCluster.data(directory).resolve("global/pg_control"));

        // when // then
        assertRefused("pg_control");
    }

    @Test
    void aHalfMadeDataDirectoryIsMadeAgain() throws Exception {
        // given
        Files.createDirectories(directory.resolve("data.unfinished/base"));

        // when
        try (EmbeddedPostgres postgres = start()) {
            // then
            assertThat(Sql.query(postgres.url(), "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void aServerThatEndsByItselfIsReported() {
        // given
        try (EmbeddedPostgres postgres = start()) {
            // when
            PostgresProcess.postmaster(PostgresCluster.data(directory))
                    .orElseThrow()
                    .destroyForcibly();

            // then
            await().until(() -> postgres.failure().toCompletableFuture().isDone());
        }
    }

    @Test
    void whatAKilledProcessLeftCanBeDiscarded() throws Exception {
        // given
        KilledProcess.startAndKill("postgres", directory, PROGRAMS);

        // when
        boolean discarded = EmbeddedPostgres.discard(directory);

        // then
        assertThat(discarded).isTrue();
        assertThat(PostgresProcess.postmaster(PostgresCluster.data(directory))).isEmpty();
        assertThat(directory).doesNotExist();
    }

    @Test
    void whatIsInUseIsNotDiscarded() throws Exception {
        // given
        try (EmbeddedPostgres postgres = start()) {
            // when
            boolean discarded = EmbeddedPostgres.discard(directory);

            // then
            assertThat(discarded).isFalse();
            assertThat(Sql.query(postgres.url(), "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void closingTwiceIsClosingOnce() {
        // given
        EmbeddedPostgres postgres = start();
        postgres.close();

        // when
        postgres.close();

        // then
        assertThat(PostgresProcess.postmaster(PostgresCluster.data(directory))).isEmpty();
        assertThat(postgres.failure().toCompletableFuture()).isNotDone();
    }

    private EmbeddedPostgres start() {
        return EmbeddedPostgres.start(directory, 0, PROGRAMS, Durability.PAGE_CACHE);
    }

    private void assertRefused(String reason) {
        assertThatThrownBy(this::start)
                .isInstanceOf(StartupException.class)
                .hasMessageContaining(reason)
                .hasMessageNotContaining("\n");
    }
}
