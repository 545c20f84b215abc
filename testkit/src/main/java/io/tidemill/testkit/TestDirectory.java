package io.tidemill.testkit;

import io.tidemill.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// Directories of this JVM below the module's `target`, and what tests share between modules.
final class TestDirectory {

    private TestDirectory() {}

    /// A new directory. Those that killed test runs left are discarded, with their servers.
    static Path create(String name) {
        try {
            Path parent = Path.of("target", "testkit").toAbsolutePath();
            Files.createDirectories(parent);
            for (Path left : leftIn(parent)) {
                EmbeddedPostgres.discard(left);
            }
            return Files.createTempDirectory(parent, name + "-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Path> leftIn(Path parent) throws IOException {
        try (Stream<Path> directories = Files.list(parent)) {
            return directories.toList();
        }
    }

    /// The user's own cache. Postgres' programs are unpacked there once for all modules and all
    /// builds; a shared temporary directory would let other users put theirs in its place.
    static Path cache() {
        String cache = System.getenv("XDG_CACHE_HOME");
        Path parent =
                cache == null || cache.isBlank()
                        ? Path.of(System.getProperty("user.home"), ".cache")
                        : Path.of(cache);
        return parent.resolve("tidemill");
    }

    static void delete(Path directory) {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void atExit(String what, Runnable action) {
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name(what).unstarted(action));
    }
}
