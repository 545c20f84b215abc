package io.tidemill.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tidemill.runtime.StartupException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class PostgresAccountIT {

    private static final int ANY_PORT = 0;

    @TempDir Path directory;

    @Test
    void rootWithoutUserNamespacesHandsTheDataToAnotherAccount() throws Exception {
        // given
        PostgresAccount account = unprivileged();
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path binaries = PostgresBinaries.unpackedIn(directory);
        Path password = Files.writeString(directory.resolve("password"), "secret\n");
        PostgresCluster cluster = new PostgresCluster(binaries, directory, account);
        cluster.create(password, Durability.PAGE_CACHE);

        // when
        int port = LocalPort.claim(ANY_PORT, "Postgres");
        ProcessHandle postmaster = cluster.start(port, Durability.PAGE_CACHE);

        // then
        assertThat(postmaster.info().user()).isPresent().get().isNotEqualTo("root");
        cluster.stop();
        assertThat(PostgresProcess.postmaster(PostgresCluster.data(directory))).isEmpty();
        // And the next start goes on with the same account.
        assertThat(PostgresAccount.of(PostgresCluster.data(directory))).isEqualTo(account);
    }

    private static PostgresAccount unprivileged() {
        assumeTrue(
                Command.run(Duration.ofSeconds(5), List.of("id", "-u"))
                        .output()
                        .strip()
                        .equals("0"),
                "only root can");
        try {
            return PostgresAccount.unprivileged();
        } catch (StartupException e) {
            assumeTrue(false, e.getMessage());
            throw e;
        }
    }
}
