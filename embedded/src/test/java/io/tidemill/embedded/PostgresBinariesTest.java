package io.tidemill.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.runtime.StartupException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PostgresBinariesTest {

    @ParameterizedTest
    @CsvSource({
        "Linux,    amd64",
        "Linux,    aarch64",
        "Mac OS X, x86_64",
        "Mac OS X, aarch64",
    })
    void everySupportedMachineHasItsArchive(String operatingSystem, String architecture) {
        // when
        String archive = PostgresBinaries.archive(operatingSystem, architecture);

        // then
        assertThat(PostgresBinaries.class.getResource("/" + archive)).isNotNull();
    }

    @ParameterizedTest
    @CsvSource({"Windows 11, amd64", "Linux, riscv64"})
    void otherMachinesAreToldWhatToDo(String operatingSystem, String architecture) {
        assertThatThrownBy(() -> PostgresBinaries.archive(operatingSystem, architecture))
                .isInstanceOf(StartupException.class)
                .hasMessageContaining("TIDEMILL_POSTGRES_URL");
    }
}
