package io.tidemill.rollup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.runtime.Env;
import io.tidemill.runtime.InvalidSettingsException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RollupConfigTest {

    @Test
    void everySettingHasADefault() {
        // given
        Env env = new Env(Map.of());

        // when
        RollupConfig config = env.read(() -> RollupConfig.from(env));

        // then
        assertThat(config)
                .isEqualTo(
                        new RollupConfig(
                                1,
                                8,
                                4,
                                2,
                                Path.of(".tidemill/streams"),
                                Duration.ofMillis(200),
                                128 << 20,
                                0,
                                Duration.ofHours(24)));
    }

    @Test
    void mistakesAreReportedTogether() {
        // given
        Env env =
                new Env(
                        Map.of(
                                "TIDEMILL_ROLLUP_SHARDS", "0",
                                "TIDEMILL_ROLLUP_COMMIT_INTERVAL", "11s",
                                "TIDEMILL_ROLLUP_DEDUPE_HORIZON", "59m",
                                "TIDEMILL_ROCKSDB_MEMORY", "1MiB"));

        // when then
        assertThatThrownBy(() -> env.read(() -> RollupConfig.from(env)))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageContaining("TIDEMILL_ROLLUP_SHARDS")
                .hasMessageContaining("TIDEMILL_ROLLUP_COMMIT_INTERVAL")
                .hasMessageContaining("TIDEMILL_ROLLUP_DEDUPE_HORIZON")
                .hasMessageContaining("TIDEMILL_ROCKSDB_MEMORY");
    }
}
