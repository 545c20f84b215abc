package io.tidemill.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.ingest.parsing.Rejection;
import io.tidemill.projects.ProjectsFile;
import io.tidemill.query.QueryApi;
import io.tidemill.runtime.ErrorCode;
import io.tidemill.runtime.ErrorTable;
import io.tidemill.runtime.FrontError;
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

    private static final Path ERRORS = Path.of("../docs/errors.md");
    private static final String ERRORS_INTRODUCTION =
            """
            # Errors

            Every error has a code that never changes its meaning. `detail` and `error` are for people, and may.

            - An event's code stands in its verdict: in `errors` of `POST /api/events`, in `error` of `POST /api/analytics/track`. Its status is that of an answer in which no event is better off; beside good events the answer is a 207.
            - A request's code stands in `application/problem+json` (RFC 9457), as `code`; a request of 400 to `POST /api/analytics/track` is told in `error`, too.
            - 4xx: sending the same again changes nothing. 429 and 5xx: send it again, later, with the same `event_id` and `timestamp`.
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
        section(page, "Projects and keys", ProjectsFile.SETTINGS);
        section(page, "The command line", LauncherConfig.SETTINGS);
        for (PartKind part : PartKind.values()) {
            section(page, "`" + part.label() + "`", part.settings());
        }

        // then
        assertUpToDate(SETTINGS, page);
    }

    @Test
    void thePageOfErrorsIsThatOfTheCode() throws IOException {
        // given
        StringBuilder page = new StringBuilder(ERRORS_INTRODUCTION);
        errors(page, "Any request", List.of(FrontError.values()));
        errors(page, "Ingest", List.of(Rejection.values()));
        errors(page, "Reads", QueryApi.ERRORS);

        // then
        assertUpToDate(ERRORS, page);
    }

    private static void assertUpToDate(Path file, StringBuilder page) throws IOException {
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(file, page);
        }
        assertThat(file).content().isEqualTo(page.toString());
    }

    private static void errors(StringBuilder page, String title, List<? extends ErrorCode> errors) {
        page.append("\n## ").append(title).append("\n\n");
        page.append(ErrorTable.markdown(errors));
    }

    private static void section(StringBuilder page, String title, List<Setting<?>> settings) {
        page.append("\n## ").append(title).append("\n\n");
        page.append(SettingsTable.markdown(settings));
    }
}
