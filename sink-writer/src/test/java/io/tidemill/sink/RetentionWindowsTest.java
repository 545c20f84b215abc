package io.tidemill.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.projects.Project;
import io.tidemill.projects.Projects;
import io.tidemill.projects.RateLimits;
import io.tidemill.projects.Retention;
import io.tidemill.sink.RetentionWindows.Kind;
import io.tidemill.sink.RetentionWindows.Lowered;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RetentionWindowsTest {

    @Test
    void aProjectWithoutWindowsOfItsOwnHasThoseOfAllOthers() {
        RetentionWindows windows = windows("30d", "90d", project("a", "7d", null));

        assertThat(windows.of("b").raw().text()).isEqualTo("30d");
        assertThat(windows.of("a").raw().text()).isEqualTo("7d");
        assertThat(windows.of("a").rollups().text()).isEqualTo("90d");
    }

    @Test
    void rollupsAreKeptAtLeastAsLongAsRawEvents() {
        assertThat(windows("forever", "90d").of("a").rollups().text()).isEqualTo("forever");
        assertThat(windows("30d", "10d").of("a").rollups().text()).isEqualTo("30d");
    }

    @Test
    void theLongestAndTheShortestAreOfAnyProject() {
        RetentionWindows windows =
                windows("30d", "90d", project("a", "7d", null), project("b", "forever", null));

        assertThat(windows.longestRaw().text()).isEqualTo("forever");
        assertThat(windows.shortestRaw().text()).isEqualTo("7d");
    }

    @Test
    void whatBecameShorterIsLowered() {
        // given
        RetentionWindows before = windows("30d", "90d", project("a", "60d", "100d"));

        // when
        List<Lowered> lowered = windows("20d", "forever").loweredFrom(before);

        // then
        assertThat(lowered)
                .containsExactly(
                        lowered(RetentionWindows.OTHERS, Kind.RAW, "30d", "20d"),
                        lowered("a", Kind.RAW, "60d", "20d"));
    }

    @Test
    void whatIsRefusedStaysAndTheRestChanges() {
        // given
        RetentionWindows before = windows("30d", "90d", project("a", "60d", "100d"));
        RetentionWindows wanted = windows("20d", "95d");

        // when
        RetentionWindows agreed =
                wanted.except(Set.of(lowered("a", Kind.RAW, "60d", "20d")), before);

        // then
        assertThat(agreed.of("b").raw().text()).isEqualTo("20d");
        assertThat(agreed.of("a").raw().text()).isEqualTo("60d");
        assertThat(agreed.of("a").rollups().text()).isEqualTo("95d");
    }

    private static Lowered lowered(String project, Kind kind, String from, String to) {
        return new Lowered(project, kind, Retention.parse(from), Retention.parse(to));
    }

    private static Project project(String id, @Nullable String raw, @Nullable String rollups) {
        return new Project(
                id,
                false,
                RateLimits.UNLIMITED,
                raw == null ? null : Retention.parse(raw),
                rollups == null ? null : Retention.parse(rollups),
                List.of());
    }

    private static RetentionWindows windows(String raw, String rollups, Project... projects) {
        return RetentionWindows.of(
                Retention.parse(raw),
                Retention.parse(rollups),
                Projects.of(new ArrayList<>(List.of(projects))));
    }
}
