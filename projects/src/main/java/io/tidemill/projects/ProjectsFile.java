package io.tidemill.projects;

import io.tidemill.runtime.Env;
import io.tidemill.runtime.HttpSettings;
import io.tidemill.runtime.Setting;
import io.tidemill.runtime.StartupException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;

/// The projects file. A reader sees the file before a change or after it, never a part; writers
/// wait for each other, whichever process they are of. Thread-safe.
public final class ProjectsFile {

    public static final Setting<Path> SETTING =
            new Setting<>(
                    "TIDEMILL_PROJECTS_FILE",
                    ".tidemill/projects.json",
                    "the projects with their keys, limits and windows; when unset, `projects.json`"
                            + " in the data folder",
                    text -> Path.of(text).toAbsolutePath().normalize());

    public static final List<Setting<?>> SETTINGS = List.of(SETTING);

    /// Thousands of projects fit in; it is held in memory, and read again and again.
    static final int MAX_BYTES = 4 << 20;

    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    /// Threads of one process can't wait for each other at a lock of the file system.
    private static final ReentrantLock WRITERS_HERE = new ReentrantLock();

    private final Path path;

    public ProjectsFile(Path path) {
        this.path = path;
    }

    public static ProjectsFile from(Env env) {
        return new ProjectsFile(env.get(SETTING));
    }

    /// Notes a mistake when the file is broken, and when data is served without any key where
    /// others than this machine can reach it.
    public static void check(Env env) {
        try {
            ProjectsFile file = from(env);
            if (!file.read().map(Projects::hasKeys).orElse(false)) {
                HttpSettings.requireLoopback(env);
            }
        } catch (StartupException e) {
            env.problem(SETTING.name() + ": " + e.getMessage());
        }
    }

    public Path path() {
        return path;
    }

    /// @return empty when there is no such file
    /// @throws StartupException when it can't be read, or is broken
    public Optional<Projects> read() {
        return content().map(this::parsed);
    }

    /// Changes the file, or makes it: readable for its owner alone.
    ///
    /// @param change from what is there, the open project when nothing is; what it throws leaves
    ///   the file as it was
    /// @return what is there now
    /// @throws StartupException when the file is broken, or can't be written
    public Projects edit(UnaryOperator<Projects> change) {
        WRITERS_HERE.lock();
        try {
            Path target = Files.exists(path) ? path.toRealPath() : path;
            Path folder = Files.createDirectories(target.toAbsolutePath().getParent());
            Path lockFile = folder.resolve(target.getFileName() + ".lock");
            try (FileChannel lockChannel =
                            FileChannel.open(
                                    lockFile,
                                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                                    OWNER_ONLY);
                    FileLock _ = lockChannel.lock()) {
                Projects changed = change.apply(read().orElseGet(Projects::open));
                replace(target, folder, ProjectsJson.write(changed));
                return changed;
            }
        } catch (IOException e) {
            throw new StartupException(path + " can't be changed: " + e, e);
        } finally {
            WRITERS_HERE.unlock();
        }
    }

    /// As {@link #bytes}, for the start of a process.
    Optional<byte[]> content() {
        try {
            return bytes();
        } catch (InvalidProjectsException e) {
            throw broken(e);
        } catch (IOException e) {
            throw new StartupException(path + " can't be read: " + e, e);
        }
    }

    /// @throws StartupException when it is broken
    Projects parsed(byte[] content) {
        try {
            return ProjectsJson.read(content);
        } catch (InvalidProjectsException e) {
            throw broken(e);
        }
    }

    /// What is in it now; empty when there is no such file.
    Optional<byte[]> bytes() throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new InvalidProjectsException(
                        "the file is longer than " + MAX_BYTES + " bytes");
            }
            return Optional.of(bytes);
        } catch (NoSuchFileException _) {
            return Optional.empty();
        }
    }

    private StartupException broken(InvalidProjectsException e) {
        return new StartupException(path + " is broken: " + e.getMessage(), e);
    }

    private static void replace(Path target, Path folder, byte[] content) throws IOException {
        Path next = Files.createTempFile(folder, target.getFileName() + ".", ".new", OWNER_ONLY);
        try {
            if (Files.exists(target) && !Files.getOwner(target).equals(Files.getOwner(next))) {
                // Whoever serves from it must still be able to read it.
                Files.setOwner(next, Files.getOwner(target));
            }
            write(next, content);
            Files.move(next, target, StandardCopyOption.ATOMIC_MOVE);
            try (FileChannel names = FileChannel.open(folder)) {
                names.force(true);
            }
        } finally {
            Files.deleteIfExists(next);
        }
    }

    private static void write(Path file, byte[] content) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer rest = ByteBuffer.wrap(content);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            channel.force(true);
        }
    }
}
