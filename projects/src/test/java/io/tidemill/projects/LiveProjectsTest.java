package io.tidemill.projects;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidemill.runtime.CloseStack;
import io.tidemill.runtime.Health;
import io.tidemill.runtime.StartupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Over a file that changes while a process runs.
class LiveProjectsTest {

    private static final String SECRET = "wk_of-the-shop-0001";

    @TempDir private Path folder;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private Path path;
    private final CloseStack started = new CloseStack();

    @BeforeEach
    void locate() {
        path = folder.resolve("projects.json");
    }

    @AfterEach
    void close() {
        started.close();
    }

    @Test
    void theFirstKeyAndItsEndAreSeenWithoutARestart() {
        // given
        LiveProjects live = open();
        assertThat(live.get().isOpen()).isTrue();

        // when
        create();

        // then
        awaitThat(live, projects -> !projects.isOpen() && isGranted(projects));
        new ProjectsFile(path).edit(projects -> projects.withoutKeys(_ -> true));
        awaitThat(live, projects -> !projects.isOpen() && !isGranted(projects));
    }

    @Test
    void aBrokenFileChangesNothingAndIsToldUntilItIsMended() throws IOException {
        // given
        create();
        byte[] good = Files.readAllBytes(path);
        LiveProjects live = open();

        // when
        Files.writeString(path, "{\"projects\":{\"shop\":{\"keys\":[");

        // then
        await().until(() -> live.trouble().isPresent());
        assertThat(isGranted(live.get())).isTrue();
        assertThat(live.noted(Health.UP).isUp()).isTrue();
        assertThat(live.noted(Health.UP).detail())
                .contains("projects file")
                .doesNotContain(folder.toString());
        assertThat(live.noted(Health.down("no Kafka"))).isEqualTo(Health.down("no Kafka"));
        assertThat(gauge("tidemill.projects.file.broken")).isEqualTo(1);
        Files.write(path, good);
        await().until(() -> live.trouble().isEmpty());
        assertThat(gauge("tidemill.projects.file.broken")).isZero();
        assertThat(live.noted(Health.UP)).isEqualTo(Health.UP);
    }

    @Test
    void aFileThatGoesAwayOpensNothing() throws IOException {
        // given
        create();
        LiveProjects live = open();

        // when
        Files.delete(path);

        // then
        await().until(() -> live.trouble().isPresent());
        assertThat(live.get().isOpen()).isFalse();
        assertThat(isGranted(live.get())).isTrue();
    }

    @Test
    void aProcessDoesNotStartOnABrokenFile() throws IOException {
        // given
        Files.writeString(path, "{}");

        // then
        assertThatExceptionOfType(StartupException.class)
                .isThrownBy(this::open)
                .withMessageContaining("projects is missing");
    }

    private LiveProjects open() {
        return started.push(LiveProjects.open(new ProjectsFile(path), meters));
    }

    private void create() {
        new ProjectsFile(path).edit(projects -> projects.with("shop", Keys.writing("k_1", SECRET)));
    }

    private static void awaitThat(LiveProjects live, Predicate<Projects> condition) {
        await().until(() -> condition.test(live.get()));
    }

    private static boolean isGranted(Projects projects) {
        return projects.authorize(SECRET, KeyUse.WRITE) instanceof Access.Granted;
    }

    private double gauge(String name) {
        return meters.get(name).gauge().value();
    }
}
