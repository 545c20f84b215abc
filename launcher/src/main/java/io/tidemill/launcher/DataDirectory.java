package io.tidemill.launcher;

import io.tidemill.embedded.DirectoryLock;
import io.tidemill.runtime.StartupException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The folder that one `up` at a time keeps everything in, or one that is gone when it ends.
final class DataDirectory implements AutoCloseable {

    private final Path path;
    private final boolean temporary;
    private final DirectoryLock lock;

    private DataDirectory(Path path, boolean temporary) {
        this.path = path;
        this.temporary = temporary;
        this.lock = DirectoryLock.acquire(path);
    }

    /// @throws StartupException when another process holds it, or it can't be written
    static DataDirectory kept(Path path) {
        return new DataDirectory(path, false);
    }

    static DataDirectory temporary() {
        try {
            // Passable for all: as root, Postgres may run under another account.
            Path path =
                    Files.createTempDirectory(
                            "tidemill-",
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString("rwx--x--x")));
            return new DataDirectory(path.toRealPath(), true);
        } catch (IOException e) {
            throw new StartupException("can't create a temporary folder: " + e.getMessage(), e);
        }
    }

    Path path() {
        return path;
    }

    boolean isTemporary() {
        return temporary;
    }

    /// Of the log's files.
    Path logs() {
        return path.resolve("logs");
    }

    @Override
    public void close() {
        lock.close();
        if (!temporary) {
            return;
        }
        try {
            Files.walkFileTree(path, new Deletion());
        } catch (IOException e) {
            // Made here: this class is loaded before the log is set up.
            Logger log = LoggerFactory.getLogger(DataDirectory.class);
            log.warn("temporary folder left behind folder={} reason={}", path, e.toString());
        }
    }

    private static final class Deletion extends SimpleFileVisitor<Path> {

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
                throws IOException {
            if (failure != null) {
                throw failure;
            }
            Files.deleteIfExists(folder);
            return FileVisitResult.CONTINUE;
        }
    }
}
