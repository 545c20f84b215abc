package io.tidemill.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresBinariesIT {

    @Test
    void theProgramsRunAndAreOfTheNamedVersion(@TempDir Path parent) throws Exception {
        // when
        Path home = PostgresBinaries.unpackedIn(parent);

        // then
        Command version =
                Command.run(
                        Duration.ofSeconds(10),
                        List.of(home.resolve("bin/postgres").toString(), "--version"));
        assertThat(version.output())
                .contains(
                        "PostgreSQL)",
                        PostgresBinaries.VERSION.substring(
                                0, PostgresBinaries.VERSION.lastIndexOf('.')));
        assertThat(PostgresBinaries.unpackedIn(parent)).isEqualTo(home);
        try (Stream<Path> left = Files.list(parent)) {
            assertThat(left).containsExactly(home);
        }
    }
}
