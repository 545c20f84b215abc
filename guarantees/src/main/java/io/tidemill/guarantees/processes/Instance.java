package io.tidemill.guarantees.processes;

import java.nio.file.Path;

/// One process of a part.
///
/// @param httpPort its own, past all links
/// @param folder its data
public record Instance(String part, ManagedProcess process, int httpPort, Path folder) {

    public String name() {
        return process.name();
    }

    /// Kills it and deletes its data before it comes back.
    public void loseData() throws InterruptedException {
        process.killUntilDown();
        Commands.run("rm", "-rf", folder.toString());
        process.start();
    }
}
