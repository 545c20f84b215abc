package io.tidemill.query;

import static org.assertj.core.api.Assertions.assertThat;

import io.r2dbc.spi.R2dbcNonTransientResourceException;
import io.r2dbc.spi.R2dbcTimeoutException;
import java.io.IOException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RefusalTest {

    @ParameterizedTest
    @CsvSource({
        "57014, TOO_EXPENSIVE",
        "08006, DATABASE_UNAVAILABLE",
        "57P01, DATABASE_UNAVAILABLE",
        "57P03, DATABASE_UNAVAILABLE",
        "53300, DATABASE_UNAVAILABLE",
        "55P03, DATABASE_UNAVAILABLE",
        "28P01, DATABASE_UNAVAILABLE",
        "3D000, DATABASE_UNAVAILABLE",
        "40001, DATABASE_UNAVAILABLE"
    })
    void aFailureIsJudgedByItsSqlState(String sqlState, Refusal expected) {
        assertThat(Refusal.of(new R2dbcNonTransientResourceException("reason", sqlState)))
                .isEqualTo(expected);
    }

    @Test
    void aConnectionThatFailsWithoutAWordIsADatabaseThatIsAway() {
        assertThat(Refusal.of(new R2dbcNonTransientResourceException("closed")))
                .isEqualTo(Refusal.DATABASE_UNAVAILABLE);
        assertThat(Refusal.of(new IOException("reset"))).isEqualTo(Refusal.DATABASE_UNAVAILABLE);
        assertThat(Refusal.of(new TimeoutException())).isEqualTo(Refusal.DATABASE_UNAVAILABLE);
    }

    @Test
    void noFreeConnectionIsOverload() {
        assertThat(Refusal.of(new R2dbcTimeoutException("acquire"))).isEqualTo(Refusal.OVERLOADED);
        assertThat(Refusal.of(new Snapshots.OverloadedException())).isEqualTo(Refusal.OVERLOADED);
    }

    @Test
    void aMistakeOfOursIsNoRefusal() {
        assertThat(Refusal.of(new R2dbcNonTransientResourceException("no such table", "42P01")))
                .isNull();
        assertThat(Refusal.of(new IllegalStateException())).isNull();
    }

    @Test
    void aWrongParameterSaysWhich() {
        BadParameterException error = new BadParameterException("limit", "is too large");

        assertThat(Refusal.of(error)).isEqualTo(Refusal.BAD_PARAMETER);
        assertThat(Refusal.BAD_PARAMETER.detail(error)).isEqualTo("limit is too large");
    }
}
