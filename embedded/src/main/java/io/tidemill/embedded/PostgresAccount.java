package io.tidemill.embedded;

import io.tidemill.runtime.StartupException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// As whom Postgres runs. It refuses to run as root, so root either hides in a user namespace,
/// where it looks like nobody and still owns its files, or hands the directory to another account.
///
/// @param prefix stands before every command
/// @param owner the account that must own the files, `uid:gid`; empty for that of this process
record PostgresAccount(List<String> prefix, String owner) {

    private static final Duration QUICK = Duration.ofSeconds(10);
    private static final List<String> UNPRIVILEGED = List.of("postgres", "nobody");

    PostgresAccount {
        prefix = List.copyOf(prefix);
    }

    /// @param data where the server's files are, or will be
    /// @throws StartupException when this process is root and nothing else can be found
    static PostgresAccount of(Path data) {
        if (!isRoot()) {
            return new PostgresAccount(List.of(), "");
        }
        if (Files.exists(data) && !uid(data).equals("0")) {
            return switchedTo(uid(data), gid(data)); // as it was started before
        }
        if (succeeds("unshare", "-U", "id", "-un")) {
            return new PostgresAccount(List.of("unshare", "-U"), "");
        }
        return unprivileged();
    }

    /// The account to hand the directory to when there are no user namespaces.
    static PostgresAccount unprivileged() {
        for (String name : UNPRIVILEGED) {
            Command uid = Command.run(QUICK, List.of("id", "-u", name));
            Command gid = Command.run(QUICK, List.of("id", "-g", name));
            if (uid.succeeded() && gid.succeeded()) {
                return switchedTo(uid.output().strip(), gid.output().strip());
            }
        }
        throw notAsRoot();
    }

    List<String> command(List<String> arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(arguments);
        return command;
    }

    /// Sees to it that the account owns a directory and all in it.
    void own(Path directory) {
        if (owner.isEmpty()) {
            return;
        }
        Command chown =
                Command.run(
                        Duration.ofMinutes(1), List.of("chown", "-R", owner, directory.toString()));
        if (!chown.succeeded()) {
            throw new StartupException(
                    "Postgres can't run as root, and its directory can't be given to another"
                            + " account: "
                            + chown.output().strip());
        }
    }

    /// @throws StartupException when a folder above keeps the account out
    void requireAccess(Path directory) {
        if (owner.isEmpty()) {
            return;
        }
        Command test = Command.run(QUICK, command(List.of("test", "-x", directory.toString())));
        if (!test.succeeded()) {
            throw new StartupException(
                    "Postgres can't run as root, and as uid "
                            + owner.substring(0, owner.indexOf(':'))
                            + " it can't reach "
                            + directory
                            + ": start this as an ordinary user, or choose a directory that is"
                            + " open to others");
        }
    }

    private static PostgresAccount switchedTo(String uid, String gid) {
        List<String> setpriv =
                List.of("setpriv", "--reuid=" + uid, "--regid=" + gid, "--clear-groups");
        List<String> probe = new ArrayList<>(setpriv);
        probe.add("true");
        if (!Command.run(QUICK, probe).succeeded()) {
            throw notAsRoot();
        }
        return new PostgresAccount(setpriv, uid + ":" + gid);
    }

    private static StartupException notAsRoot() {
        return new StartupException(
                "Postgres refuses to run as root, and neither `unshare -U` nor `setpriv` works"
                        + " here: start this as an ordinary user");
    }

    private static boolean isRoot() {
        return Command.run(QUICK, List.of("id", "-u")).output().strip().equals("0");
    }

    private static boolean succeeds(String... arguments) {
        return Command.run(QUICK, List.of(arguments)).succeeded();
    }

    private static String uid(Path path) {
        return attribute(path, "unix:uid");
    }

    private static String gid(Path path) {
        return attribute(path, "unix:gid");
    }

    private static String attribute(Path path, String name) {
        try {
            return String.valueOf(Files.getAttribute(path, name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
