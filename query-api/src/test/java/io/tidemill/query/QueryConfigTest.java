package io.tidemill.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.runtime.Env;
import io.tidemill.runtime.InvalidSettingsException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class QueryConfigTest {

    @Test
    void readingWithoutKeysIsRefusedWhereOthersReachIt() {
        assertThatThrownBy(() -> read(Map.of("TIDEMILL_HTTP_HOST", "0.0.0.0")))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageContaining("TIDEMILL_ALLOW_OPEN=true");
    }

    @Test
    void defaultsAreThoseOfTheDocumentation() {
        assertThat(read(Map.of())).isEqualTo(new QueryConfig(8, 64, Duration.ofSeconds(10)));
    }

    private static QueryConfig read(Map<String, String> variables) {
        Env env = new Env(variables);
        return env.read(() -> QueryConfig.from(env));
    }
}
