package io.tidemill.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.projects.KeyUse;
import io.tidemill.projects.Project;
import io.tidemill.projects.ProjectKey;
import io.tidemill.projects.ProjectsFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `tidemill keys` within this process: a process for each would take long.
@ResourceLock(Resources.SYSTEM_OUT)
class KeysCommandIT {

    private static final String SECRET = "an-imported-secret-1";

    @TempDir private Path folder;

    private record Result(int exitCode, List<String> out, List<String> err) {}

    @Test
    void aCreatedKeyIsPrintedAloneOnStdoutAndKeptAsAHash() throws Exception {
        // when
        Result result = run("create", "shop", "--label", "the web");

        // then
        assertThat(result.exitCode()).isZero();
        assertThat(result.out()).hasSize(1).first().asString().matches("wk_[0-9A-Za-z]{32}");
        assertThat(result.err().getFirst()).matches("write key k_[0-9a-f]{8} of project shop");
        assertThat(folder.resolve("projects.json"))
                .content()
                .doesNotContain(result.out().getFirst())
                .contains("the web");
    }

    @Test
    void theProjectIsDefaultWhenNoneIsNamed() {
        // when
        Result result = run("create", "--write", "--read");

        // then
        assertThat(result.out()).hasSize(2);
        assertThat(result.out().getFirst()).startsWith("wk_");
        assertThat(result.out().getLast()).startsWith("rk_");
        assertThat(project("default").keys())
                .extracting(ProjectKey::uses)
                .containsExactly(Set.of(KeyUse.WRITE), Set.of(KeyUse.READ));
    }

    @Test
    void aCreatedKeyIsOneJsonObjectOnRequest() {
        // when
        Result result = run("create", "shop", "--read", "--json");

        // then
        JsonNode json = JsonMapper.shared().readTree(result.out().getFirst());
        assertThat(json.path("project").asString()).isEqualTo("shop");
        assertThat(json.at("/keys/0/secret").asString()).startsWith("rk_");
        assertThat(json.at("/keys/0/id").asString())
                .isEqualTo(project("shop").keys().getFirst().id());
    }

    @Test
    void anImportedSecretIsReadFromStdinAndMayServeBothUses() {
        // when
        Result result = runWith(SECRET + "\n", "import", "shop", "--write", "--read");

        // then
        assertThat(result.exitCode()).isZero();
        assertThat(result.out() + "" + result.err()).doesNotContain(SECRET);
        assertThat(project("shop").keys().getFirst().uses())
                .containsExactlyInAnyOrder(KeyUse.values());
    }

    @Test
    void anImportedSecretIsAnArgumentIfNeedBeAndItsPrefixSaysItsUse() {
        // when
        Result result = run("import", "shop", "rk_imported-secret-1");

        // then
        assertThat(result.exitCode()).isZero();
        assertThat(project("shop").keys().getFirst().uses()).containsExactly(KeyUse.READ);
    }

    @Test
    void whatCanNotBeImportedIsOneLineThatDoesNotShowIt() {
        // given
        run("import", "shop", SECRET, "--write");

        // then
        for (Result refused :
                List.of(
                        run("import", "blog", SECRET, "--read"),
                        run("import", "blog", "another-secret-000"),
                        run("import", "blog", "short", "--write"),
                        runWith("", "import", "blog", "--write"))) {
            assertThat(refused.exitCode()).isEqualTo(1);
            assertThat(refused.err()).hasSize(1).first().asString().startsWith("tidemill: ");
            assertThat(refused.err().getFirst()).doesNotContain(SECRET, "another-secret", "short");
        }
        assertThat(projects()).hasSize(1);
    }

    @Test
    void aKeyIsRevokedByItsIdOrByTheSecret() {
        // given
        String one = run("create", "shop").out().getFirst();
        run("create", "shop", "--read");
        String other = project("shop").keys().getLast().id();

        // when
        Result bySecret = run("revoke", one);
        Result byId = run("revoke", other);

        // then
        assertThat(bySecret.exitCode()).isZero();
        assertThat(bySecret.out().getFirst()).matches("revoked k_[0-9a-f]{8}");
        assertThat(byId.out()).containsExactly("revoked " + other);
        assertThat(byId.err().getFirst()).contains("every request is refused");
        assertThat(project("shop").keys()).isEmpty();
    }

    @Test
    void allAreRevokedOrNone() {
        // given
        String one = run("create", "shop").out().getFirst();

        // when
        Result result = run("revoke", one, "k_00000000");

        // then
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err().getFirst()).contains("no such key").doesNotContain(one);
        assertThat(project("shop").keys()).hasSize(1);
    }

    @Test
    void revokingWithoutAFileMakesNone() {
        assertThat(run("revoke", "k_00000000").exitCode()).isEqualTo(1);
        assertThat(Files.exists(folder.resolve("projects.json"))).isFalse();
    }

    @Test
    void theListShowsEverythingButSecrets() {
        // given
        String secret = run("create", "shop", "--label", "the web").out().getFirst();
        run("create", "blog", "--read");
        ProjectKey key = project("shop").keys().getFirst();

        // when
        Result list = run("list");
        Result one = run("list", "shop");
        Result json = run("list", "--json");

        // then
        assertThat(list.out()).hasSize(3);
        assertThat(list.out().getLast()).contains("shop", key.id(), "write", "the web");
        assertThat(one.out()).hasSize(2);
        assertThat(run("list", "missing").exitCode()).isEqualTo(1);
        JsonNode projects = JsonMapper.shared().readTree(json.out().getFirst()).path("projects");
        assertThat(projects.at("/1/project").asString()).isEqualTo("shop");
        assertThat(projects.at("/1/keys/0/id").asString()).isEqualTo(key.id());
        assertThat(list.out() + "" + json.out()).doesNotContain(secret, secret.substring(3, 11));
    }

    @Test
    void aBrokenFileIsOneLine() throws Exception {
        // given
        Files.writeString(folder.resolve("projects.json"), "{");

        // then
        for (Result result : List.of(run("list"), run("create", "shop"))) {
            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.err()).hasSize(1);
            assertThat(result.err().getFirst()).contains("projects.json is broken", "line 1");
        }
    }

    private Result run(String... arguments) {
        return runWith("", arguments);
    }

    private Result runWith(String stdin, String... arguments) {
        List<String> command = new ArrayList<>(List.of("keys", "--data-dir", folder.toString()));
        command.addAll(List.of(arguments));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream outBefore = System.out;
        PrintStream errBefore = System.err;
        InputStream inBefore = System.in;
        System.setOut(new PrintStream(out, true, UTF_8));
        System.setErr(new PrintStream(err, true, UTF_8));
        System.setIn(new ByteArrayInputStream(stdin.getBytes(UTF_8)));
        try {
            int exitCode = Tidemill.commandLine().execute(command.toArray(String[]::new));
            return new Result(
                    exitCode,
                    out.toString(UTF_8).lines().toList(),
                    err.toString(UTF_8).lines().toList());
        } finally {
            System.setOut(outBefore);
            System.setErr(errBefore);
            System.setIn(inBefore);
        }
    }

    private List<Project> projects() {
        return List.copyOf(file().read().orElseThrow().all());
    }

    private Project project(String id) {
        return file().read().orElseThrow().find(id).orElseThrow();
    }

    private ProjectsFile file() {
        return new ProjectsFile(folder.resolve("projects.json"));
    }
}
