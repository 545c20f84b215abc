package io.tidemill.launcher.send;

import io.tidemill.runtime.StartupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Some files of events, read in order, as often as wanted.
final class EventFiles {

    private final List<Path> paths;
    private final long totalBytes;
    private volatile long bytesRead;

    /// Takes one event after the other.
    @FunctionalInterface
    interface Visitor {
        /// @param place where the event stands, for people
        /// @return whether to go on
        boolean visit(String place, byte[] json) throws InterruptedException;
    }

    /// @throws StartupException when one of them is not there to be read
    EventFiles(List<Path> paths) {
        this.paths = List.copyOf(paths);
        long total = 0;
        for (Path path : paths) {
            if (!Files.isRegularFile(path) || !Files.isReadable(path)) {
                throw new StartupException("there is no file to read at " + path);
            }
            total += path.toFile().length();
        }
        this.totalBytes = total;
    }

    long totalBytes() {
        return totalBytes;
    }

    /// Of the pass under way; for any thread.
    long bytesRead() {
        return bytesRead;
    }

    /// @throws StartupException when a file can't be read to its end
    void forEach(Visitor visitor) throws InterruptedException {
        long bytesBefore = 0;
        for (Path path : paths) {
            try (EventFile file = EventFile.open(path)) {
                for (Optional<byte[]> event = file.next(); event.isPresent(); event = file.next()) {
                    bytesRead = bytesBefore + file.bytesRead();
                    if (!visitor.visit(file.place(), event.get())) {
                        return;
                    }
                }
                bytesBefore += file.bytesRead();
            } catch (IOException e) {
                throw new StartupException("can't read " + path + ": " + e.getMessage(), e);
            }
        }
    }

    /// The newest timestamp of all events; empty when none has one.
    OptionalLong newestMillis() throws InterruptedException {
        long[] newest = {Long.MIN_VALUE};
        forEach((_, json) -> {
            EventText.of(json)
                    .instant()
                    .ifPresent(time -> newest[0] = Math.max(newest[0], time.toEpochMilli()));
            return true;
        });
        return newest[0] == Long.MIN_VALUE ? OptionalLong.empty() : OptionalLong.of(newest[0]);
    }
}
