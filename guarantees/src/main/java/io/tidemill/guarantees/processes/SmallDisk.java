package io.tidemill.guarantees.processes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// A file system of its own for one server, that can be filled to the last block: a file mounted as
/// a disk, which takes root.
public final class SmallDisk {

    private static final String SIZE = "6G";
    private static final int ROUNDS = 4;

    private final Path folder;
    private final Path filling;

    private SmallDisk(Path folder) {
        this.folder = folder;
        this.filling = folder.resolve("filling");
    }

    /// @param folder where it is to be; created when missing
    /// @return empty when this user may not mount
    static Optional<SmallDisk> mount(Path folder) throws InterruptedException {
        String image = folder + ".disk";
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // A file with holes: it takes the room of what is written. None is kept for root alone.
        boolean mounted =
                Commands.succeeds("truncate", "-s", SIZE, image)
                        && Commands.succeeds("mkfs.ext4", "-q", "-m", "0", image)
                        && Commands.succeeds("mount", "-o", "loop", image, folder.toString());
        return mounted ? Optional.of(new SmallDisk(folder)) : Optional.empty();
    }

    public String name() {
        return folder.getFileName().toString();
    }

    /// Leaves no room.
    public void fill() throws IOException, InterruptedException {
        for (int i = 0; i < ROUNDS; i++) {
            long room = Files.getFileStore(folder).getUsableSpace();
            long filled = Files.exists(filling) ? Files.size(filling) : 0;
            if (room > 0) {
                boolean _ =
                        Commands.succeeds(
                                "fallocate",
                                "-o",
                                Long.toString(filled),
                                "-l",
                                Long.toString(room),
                                filling.toString());
            }
        }
    }

    /// Gives the room back.
    public void free() throws IOException {
        Files.deleteIfExists(filling);
    }

    void unmount() {
        try {
            // Lazily: a process that was just killed may still hold a file.
            boolean _ = Commands.succeeds("umount", "-l", folder.toString());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
