package io.tidemill.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.runtime.HttpSettings;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.Setting;
import io.tidemill.runtime.SettingsTable;
import io.tidemill.storage.PostgresUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Documentation that the code writes itself. `-Ddocs.write=true` brings it up to date.
class DocsTest {

    private static final Path SETTINGS = Path.of("../docs/settings.md");
    private static final String INTRODUCTION =
            """
            # Settings

            Environment variables, read once at the start. Each has a default and is checked; all mistakes are reported at once.
            Durations are written as `250ms`, `30s`, `5m`, `24h` or `29d`, sizes as `4096`, `256KiB`, `10MiB` or `1GiB`.
            """;

    @Test
    void thePageOfSettingsIsThatOfTheCode() throws IOException {
        // given
        StringBuilder page = new StringBuilder(INTRODUCTION);
        section(page, "Every process", HttpSettings.SETTINGS);
        List<Setting<?>> servers = new ArrayList<>(KafkaConnection.SETTINGS);
        servers.add(PostgresUrl.SETTING);
        section(page, "Kafka and Postgres", servers);
        page.append("\n`")
                .append(KafkaConnection.CLIENT_SETTINGS_PREFIX)
                .append("…` reaches every Kafka client: `")
                .append(KafkaConnection.CLIENT_SETTINGS_PREFIX)
                .append("SECURITY_PROTOCOL` is `security.protocol`.\n");
        section(page, "The command line", LauncherConfig.SETTINGS);
        for (PartKind part : PartKind.values()) {
            section(page, "`" + part.label() + "`", part.settings());
        }

        // when
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(SETTINGS, page);
        }

        // then
        assertThat(SETTINGS).content().isEqualTo(page.toString());
    }

    private static void section(StringBuilder page, String title, List<Setting<?>> settings) {
        page.append("\n## ").append(title).append("\n\n");
        page.append(SettingsTable.markdown(settings));
    }
}
