package io.tidemill.embedded;

import io.tidemill.runtime.StartupException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/// Lets one owner at a time use a directory. The operating system releases the lock when its
/// process ends, in whatever way, so it is never stale.
public final class DirectoryLock implements AutoCloseable {

    private static final String FILE = "lock";

    private final FileChannel channel;

    private DirectoryLock(FileChannel channel) {
        this.channel = channel;
    }

    /// Creates the directory when it is missing.
    ///
    /// @throws StartupException when somebody else holds the lock, or the directory can't be
    ///   written
    public static DirectoryLock acquire(Path directory) {
        return tryAcquire(directory)
                .orElseThrow(() ->
                        new StartupException(
                                "the data directory "
                                        + directory
                                        + " is in use by another process: stop that one"
                                        + " first, or choose another directory"));
    }

    /// As {@link #acquire}, but empty when somebody else holds the lock.
    static Optional<DirectoryLock> tryAcquire(Path directory) {
        try {
            Files.createDirectories(directory);
            FileChannel channel =
                    FileChannel.open(
                            directory.resolve(FILE),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
            if (tryLock(channel)) {
                return Optional.of(new DirectoryLock(channel));
            }
            channel.close();
            return Optional.empty();
        } catch (AccessDeniedException e) {
            throw new StartupException(
                    "the data directory "
                            + directory
                            + " can't be used: no permission to write "
                            + e.getFile(),
                    e);
        } catch (IOException e) {
            throw new StartupException(
                    "the data directory " + directory + " can't be used: " + e, e);
        }
    }

    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException _) {
            return false; // held by this very process
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
