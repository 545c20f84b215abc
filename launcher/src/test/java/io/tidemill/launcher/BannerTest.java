package io.tidemill.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.storage.PostgresUrl;
import org.junit.jupiter.api.Test;

class BannerTest {

    private static final PostgresUrl POSTGRES =
            new PostgresUrl("127.0.0.1", 15_432, "tidemill", "tidemill", "secret");

    @Test
    void theLastLineSaysReadyAndWhere() {
        assertThat(banner("analyst", true).lines().getLast())
                .isEqualTo("Tidemill is ready: http://127.0.0.1:8080");
    }

    @Test
    void theReadersPasswordIsShownAndTheOwnersIsNot() {
        assertThat(banner("analyst", true).lines())
                .contains("  Postgres  psql postgresql://analyst:analyst@127.0.0.1:15432/tidemill")
                .noneMatch(line -> line.contains("secret"));
    }

    @Test
    void aReaderWhosePasswordIsNotKnownHereIsShownWithoutOne() {
        assertThat(banner("", false).lines())
                .contains("  Postgres  psql postgresql://analyst@127.0.0.1:15432/tidemill");
    }

    @Test
    void embeddedServersAreCalledASingleCopy() {
        assertThat(banner("analyst", true).lines()).anyMatch(line -> line.contains("single copy"));
        assertThat(banner("analyst", false).lines())
                .noneMatch(line -> line.contains("single copy"));
    }

    private static Banner banner(String analystPassword, boolean embedded) {
        return new Banner(
                "http://127.0.0.1:8080",
                "127.0.0.1:19092",
                POSTGRES,
                analystPassword,
                "/data",
                embedded);
    }
}
