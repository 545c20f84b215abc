package io.tidemill.projects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tidemill.runtime.Env;
import io.tidemill.runtime.InvalidSettingsException;
import io.tidemill.runtime.StartupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProjectsFileTest {

    private static final String SECRET = "wk_of-the-shop-0001";

    @TempDir private Path folder;
    private Path path;
    private ProjectsFile file;

    @BeforeEach
    void locate() {
        path = folder.resolve("data/projects.json");
        file = new ProjectsFile(path);
    }

    @Test
    void itIsMadeWithItsFolderAndItsOwnerAloneReadsIt() throws IOException {
        // when
        file.edit(projects -> projects.with("shop", Keys.writing("k_1", SECRET)));

        // then
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw-------");
        assertThat(path).content().doesNotContain(SECRET).contains("\"k_1\"");
        assertThat(file.read().orElseThrow().authorize(SECRET, KeyUse.WRITE))
                .isInstanceOf(Access.Granted.class);
        assertThat(files()).containsExactlyInAnyOrder("projects.json", "projects.json.lock");
    }

    @Test
    void whoEditsAtTheSameTimeLosesNothing() throws Exception {
        // given
        int writers = 8;
        int each = 5;
        List<Future<?>> edits = new ArrayList<>();

        // when
        try (ExecutorService threads = Executors.newFixedThreadPool(writers)) {
            for (int writer = 0; writer < writers; writer++) {
                String project = "p" + writer;
                // A file object each, as every process has its own.
                ProjectsFile own = new ProjectsFile(path);
                edits.add(
                        threads.submit(() -> {
                            for (int i = 0; i < each; i++) {
                                String id = project + "-" + i;
                                own.edit(projects ->
                                        projects.with(
                                                project, Keys.writing(id, "wk_secret-of-" + id)));
                            }
                        }));
            }
        }

        // then
        for (Future<?> edit : edits) {
            edit.get();
        }
        assertThat(file.read().orElseThrow().all())
                .hasSize(writers)
                .allSatisfy(project -> assertThat(project.keys()).hasSize(each));
    }

    @Test
    void aChangeThatFailsLeavesItAsItWas() throws IOException {
        // given
        file.edit(projects -> projects.with("shop", Keys.writing("k_1", SECRET)));
        byte[] before = Files.readAllBytes(path);

        // when
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() ->
                        file.edit(projects -> projects.with("shop", Keys.writing("k_2", SECRET))));

        // then
        assertThat(path).hasBinaryContent(before);
        assertThat(files()).hasSize(2);
    }

    @Test
    void aLinkStaysALink() throws IOException {
        // given
        file.edit(projects -> projects.with("shop", Keys.writing("k_1", SECRET)));
        Path link = Files.createSymbolicLink(folder.resolve("link.json"), path);

        // when
        new ProjectsFile(link)
                .edit(projects ->
                        projects.with("blog", Keys.writing("k_2", "wk_of-the-blog-0001")));

        // then
        assertThat(link).isSymbolicLink();
        assertThat(file.read().orElseThrow().all()).hasSize(2);
    }

    @Test
    void aBrokenFileIsNotEdited() throws IOException {
        // given
        Files.createDirectories(path.getParent());
        Files.writeString(path, "{");

        // then
        assertThatExceptionOfType(StartupException.class)
                .isThrownBy(() -> file.edit(projects -> projects))
                .withMessageContaining(path.toString())
                .withMessageContaining("line 1");
        assertThat(path).hasContent("{");
    }

    @Test
    void beyondLoopbackItTakesAKey() {
        // given
        Map<String, String> everywhere =
                Map.of("TIDEMILL_HTTP_HOST", "0.0.0.0", "TIDEMILL_PROJECTS_FILE", path.toString());

        // then
        assertRefused(everywhere, "TIDEMILL_ALLOW_OPEN=true");
        file.edit(projects -> projects.with("shop", Keys.writing("k_1", SECRET)));
        check(everywhere);
        file.edit(projects -> projects.withoutKeys(_ -> true));
        assertRefused(everywhere, "TIDEMILL_ALLOW_OPEN=true");
    }

    @Test
    void aBrokenFileIsAMistakeInTheSettings() throws IOException {
        // given
        Files.createDirectories(path.getParent());
        Files.writeString(path, "{}");

        // then
        assertRefused(
                Map.of("TIDEMILL_PROJECTS_FILE", path.toString()),
                "TIDEMILL_PROJECTS_FILE: " + path + " is broken: projects is missing");
    }

    private static void check(Map<String, String> variables) {
        Env env = new Env(variables);
        env.read(() -> {
            ProjectsFile.check(env);
            return true;
        });
    }

    private static void assertRefused(Map<String, String> variables, String complaint) {
        assertThatExceptionOfType(InvalidSettingsException.class)
                .isThrownBy(() -> check(variables))
                .withMessageContaining(complaint);
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(path.getParent())) {
            return files.map(it -> it.getFileName().toString()).toList();
        }
    }
}
