package io.tidemill.embedded;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;

/// The broker's directory: formatted once, with a cluster id of its own that it keeps for good.
final class KafkaStorage {

    private KafkaStorage() {}

    /// @param clusterId of a directory that is new
    static void formatWhenNew(Path directory, int nodeId, String clusterId) throws Exception {
        // The formatter writes this file last, so a format that was cut short is done again.
        if (Files.exists(directory.resolve("meta.properties"))) {
            return;
        }
        Files.createDirectories(directory);
        new Formatter()
                .setPrintStream(
                        new PrintStream(
                                OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
                .setClusterId(clusterId)
                .setNodeId(nodeId)
                .setControllerListenerName(KafkaSettings.CONTROLLER)
                .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
                .setMetadataLogDirectory(directory.toString())
                .addDirectory(directory.toString())
                .setIgnoreFormatted(true)
                .run();
    }
}
