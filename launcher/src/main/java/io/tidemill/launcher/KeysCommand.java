package io.tidemill.launcher;

import io.tidemill.projects.KeyHash;
import io.tidemill.projects.KeyUse;
import io.tidemill.projects.Project;
import io.tidemill.projects.ProjectKey;
import io.tidemill.projects.Projects;
import io.tidemill.projects.ProjectsFile;
import io.tidemill.projects.Secret;
import io.tidemill.runtime.Env;
import io.tidemill.runtime.StartupException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;

/// `tidemill keys`: who may write and read. Edits the projects file, which running processes look
/// at every second.
@Command(
        name = "keys",
        description = {
            "Makes, takes over, withdraws and lists the keys of projects.",
            "They are kept, hashed, in the file of TIDEMILL_PROJECTS_FILE, else in projects.json in"
                    + " the data folder. What runs with that file follows within seconds. As long as"
                    + " there is no such file, everybody on this machine writes and reads the project"
                    + " `default`, without a key."
        },
        mixinStandardHelpOptions = true)
final class KeysCommand {

    private static final int ID_BYTES = 4;

    @Option(
            names = "--data-dir",
            paramLabel = "FOLDER",
            scope = ScopeType.INHERIT,
            description = "The data folder; default: $TIDEMILL_DATA_DIR, or .tidemill here.")
    private @Nullable Path dataDirectory;

    private final PrintStream out = System.out;
    private final PrintStream err = System.err;
    private final SecureRandom random = new SecureRandom();

    /// What a key is to be good for.
    static final class UseOptions {
        @Option(names = "--write", description = "A key that sends events.")
        boolean write;

        @Option(names = "--read", description = "A key that reads.")
        boolean read;

        Set<KeyUse> uses() {
            Set<KeyUse> uses = EnumSet.noneOf(KeyUse.class);
            if (write) {
                uses.add(KeyUse.WRITE);
            }
            if (read) {
                uses.add(KeyUse.READ);
            }
            return uses;
        }
    }

    /// A name for people.
    static final class LabelOption {
        @Option(
                names = "--label",
                paramLabel = "TEXT",
                defaultValue = "",
                description = "Who or what it is for.")
        String text = "";
    }

    @Command(
            name = "create",
            description = {
                "Makes a key of a project, and the project when it is new, and prints the key: once,"
                        + " for it can't be shown again.",
                "A write key when nothing else is said; with --write and --read one of each."
            },
            mixinStandardHelpOptions = true)
    int create(
            @Parameters(
                            paramLabel = "PROJECT",
                            arity = "0..1",
                            defaultValue = Projects.OPEN_PROJECT,
                            description = "Its project; default: ${DEFAULT-VALUE}.")
                    String project,
            @ArgGroup(exclusive = false) @Nullable UseOptions options,
            @Mixin LabelOption label,
            @Option(names = "--json", description = "Print one JSON object.") boolean json) {
        Set<KeyUse> uses = options == null ? Set.of(KeyUse.WRITE) : options.uses();
        List<KeyList.Created> created = new ArrayList<>();
        for (KeyUse use : uses) {
            Secret secret = Secret.mint(use, random);
            created.add(new KeyList.Created(newKey(secret, Set.of(use), label.text), secret));
        }
        edit(projects -> {
            Projects changed = projects;
            for (KeyList.Created one : created) {
                changed = changed.with(project, one.key());
            }
            return changed;
        });
        if (json) {
            out.println(KeyList.json(project, created));
            return 0;
        }
        for (KeyList.Created one : created) {
            tell(project, one.key());
            out.println(one.secret().reveal());
        }
        err.println("shown this once: keep it where it is needed");
        return 0;
    }

    @Command(
            name = "import",
            description = {
                "Takes over a secret that senders or readers have already; only its hash is kept.",
                "Read from stdin when it is not an argument, which other users and the shell's"
                        + " history may see."
            },
            mixinStandardHelpOptions = true)
    int importSecret(
            @Parameters(index = "0", paramLabel = "PROJECT", description = "Its project.")
                    String project,
            @Parameters(
                            index = "1",
                            paramLabel = "SECRET",
                            arity = "0..1",
                            description = "The secret; default: the first line of stdin.")
                    @Nullable String argument,
            @ArgGroup(exclusive = false) @Nullable UseOptions options,
            @Mixin LabelOption label) {
        Secret secret = KnownSecret.read(argument);
        Set<KeyUse> uses = options == null ? KnownSecret.usesOf(secret) : options.uses();
        ProjectKey key = newKey(secret, uses, label.text);
        edit(projects -> projects.with(project, key));
        tell(project, key);
        out.println(key.id());
        return 0;
    }

    @Command(
            name = "revoke",
            description = {
                "Withdraws keys: requests with them are refused from the next second on.",
                "Named by their ids, as `keys list` shows them, or by the secrets themselves."
            },
            mixinStandardHelpOptions = true)
    int revoke(
            @Parameters(paramLabel = "KEY", arity = "1..*", description = "The keys to withdraw.")
                    List<String> names) {
        List<ProjectKey> revoked = new ArrayList<>();
        Projects left =
                edit(projects -> {
                    revoked.clear();
                    names.forEach(name -> revoked.add(named(name, projects)));
                    return projects.withoutKeys(revoked::contains);
                });
        revoked.forEach(key -> out.println("revoked " + key.id()));
        if (!left.hasKeys()) {
            err.println("no key is left: until there is one, every request is refused");
        }
        return 0;
    }

    @Command(
            name = "list",
            description = "Lists projects and their keys, without any secret.",
            mixinStandardHelpOptions = true)
    int list(
            @Parameters(
                            paramLabel = "PROJECT",
                            arity = "0..1",
                            description = "Of this project alone; default: of all.")
                    @Nullable String project,
            @Option(names = "--json", description = "Print one JSON object.") boolean json) {
        Optional<Projects> projects = file().read();
        List<Project> wanted =
                projects.map(all -> all.all().stream()).stream()
                        .flatMap(all -> all)
                        .filter(one -> project == null || one.id().equals(project))
                        .toList();
        if (project != null && wanted.isEmpty()) {
            throw new StartupException("there is no project " + project + " in " + file().path());
        }
        if (json) {
            out.println(KeyList.json(wanted));
            return 0;
        }
        if (projects.isEmpty()) {
            err.println("there is no " + file().path() + ": no key is needed on this machine");
        }
        KeyList.lines(wanted).forEach(out::println);
        return 0;
    }

    private Projects edit(UnaryOperator<Projects> change) {
        try {
            return file().edit(change);
        } catch (IllegalArgumentException e) {
            throw new StartupException(String.valueOf(e.getMessage()), e);
        }
    }

    private ProjectsFile file() {
        Env env = Env.ofProcess();
        return env.read(() -> {
            if (env.has(ProjectsFile.SETTING)) {
                return ProjectsFile.from(env);
            }
            Path folder =
                    dataDirectory == null
                            ? env.get(LauncherConfig.DATA_DIRECTORY)
                            : dataDirectory.toAbsolutePath().normalize();
            return new ProjectsFile(Plan.projectsFile(folder));
        });
    }

    private ProjectKey newKey(Secret secret, Set<KeyUse> uses, String label) {
        byte[] id = new byte[ID_BYTES];
        random.nextBytes(id);
        try {
            return new ProjectKey(
                    "k_" + HexFormat.of().formatHex(id), secret.hash(), uses, Instant.now(), label);
        } catch (IllegalArgumentException e) {
            throw new StartupException(String.valueOf(e.getMessage()), e);
        }
    }

    private void tell(String project, ProjectKey key) {
        err.println(KeyList.uses(key) + " key " + key.id() + " of project " + project);
    }

    /// Never repeats the name: it may be a secret.
    private static ProjectKey named(String name, Projects projects) {
        KeyHash hash = KeyHash.of(name);
        return projects.all().stream()
                .flatMap(project -> project.keys().stream())
                .filter(key -> key.id().equals(name) || key.hash().equals(hash))
                .findFirst()
                .orElseThrow(() ->
                        new StartupException(
                                "there is no such key, so none is revoked; `tidemill keys list`"
                                        + " shows those there are"));
    }
}
