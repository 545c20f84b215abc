package io.tidemill.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.r2dbc.postgresql.api.ErrorDetails;
import io.r2dbc.postgresql.api.PostgresqlException;
import io.r2dbc.spi.R2dbcException;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqlStatesTest {

    private static final class Answer extends R2dbcException implements PostgresqlException {
        private final transient ErrorDetails details;

        Answer(String code) {
            details = ErrorDetails.fromCodeAndMessage(code, "message");
        }

        @Override
        public ErrorDetails getErrorDetails() {
            return details;
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "08006", "40001", "40P01", "53100", "53300", "57P01", "57014", "55P03", "25P03"
            })
    void troubleOfTheServerPasses(String code) {
        assertThat(SqlStates.isTransient(new Answer(code))).isTrue();
        assertThat(SqlStates.isRefusal(new Answer(code))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"22P02", "22021", "22P05", "22008", "23502", "23514", "54000"})
    void valuesThatDoNotFitAreRefused(String code) {
        assertThat(SqlStates.isRefusal(new Answer(code))).isTrue();
        assertThat(SqlStates.isTransient(new Answer(code))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"42P01", "42501", "3F000", "XX000"})
    void ourOwnMistakesAreNeitherSoNothingIsSetAside(String code) {
        assertThat(SqlStates.isRefusal(new Answer(code))).isFalse();
        assertThat(SqlStates.isTransient(new Answer(code))).isFalse();
    }

    @Test
    void aRowThatIsThereIsAConflict() {
        assertThat(SqlStates.isConflict(new Answer("23505"))).isTrue();
        assertThat(SqlStates.isRefusal(new Answer("23505"))).isFalse();
    }

    @Test
    void aLostConnectionPasses() {
        assertThat(SqlStates.isTransient(new IOException("reset"))).isTrue();
        assertThat(SqlStates.leavesConnectionUsable(new IOException("reset"))).isFalse();
        assertThat(SqlStates.leavesConnectionUsable(new Answer("57P01"))).isFalse();
    }
}
