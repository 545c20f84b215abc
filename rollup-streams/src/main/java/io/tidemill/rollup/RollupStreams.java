package io.tidemill.rollup;

import io.tidemill.contract.RollupApplication;
import io.tidemill.contract.Topics;
import io.tidemill.runtime.Health;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.Metrics;
import io.tidemill.runtime.Part;
import io.tidemill.runtime.StartupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Makes rollups out of events, as one of any number of instances that share the work.
public final class RollupStreams implements Part {

    private final StreamsApplication application;
    private final KnownSettings settings;

    private RollupStreams(StreamsApplication application, KnownSettings settings) {
        this.application = application;
        this.settings = settings;
    }

    /// Starts processing in the background; {@link #health()} tells when the stores are restored.
    /// The topics exist already.
    ///
    /// @throws StartupException when the folder of the stores can't be used
    public static RollupStreams start(RollupConfig config, KafkaConnection kafka, Metrics metrics) {
        createDirectory(config.stateDirectory());
        Topics topics = new Topics(kafka.topicPrefix());
        String id = new RollupApplication(topics, config.generation()).id();
        KnownSettings settings = KnownSettings.of(kafka);
        try {
            return new RollupStreams(
                    StreamsApplication.start(
                            "rollups",
                            new RollupTopology(topics, config, settings, metrics.registry()).get(),
                            StreamsProperties.of(id, config, kafka),
                            config.stateDirectory()),
                    settings);
        } catch (StartupException e) {
            settings.close();
            throw e;
        }
    }

    @Override
    public String name() {
        return "streams";
    }

    @Override
    public Health health() {
        return application.health();
    }

    /// Commits what is at hand and leaves the group, so that other instances take over at once.
    @Override
    public void close() {
        application.close();
        settings.close();
    }

    static void createDirectory(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new StartupException("can't create the folder " + directory, e);
        }
    }
}
