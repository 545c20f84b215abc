package io.tidemill.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SettingsTableTest {

    @Test
    void everySettingIsARow() {
        // given
        List<Setting<?>> settings =
                List.of(
                        Setting.port("TIDEMILL_PORT", 8080, "the port"),
                        Setting.text("TIDEMILL_URL", "", "`a|b`, one of them"));

        // when
        String table = SettingsTable.markdown(settings);

        // then
        assertThat(table)
                .isEqualTo(
                        """
                        | variable | default | meaning |
                        |---|---|---|
                        | `TIDEMILL_PORT` | `8080` | the port |
                        | `TIDEMILL_URL` | | `a\\|b`, one of them |
                        """);
    }

    @Test
    void aSettingThatSeveralPartsReadIsOneRow() {
        Setting<String> shared = Setting.text("TIDEMILL_URL", "", "the address");

        assertThat(SettingsTable.markdown(List.of(shared, shared)).lines()).hasSize(3);
    }
}
