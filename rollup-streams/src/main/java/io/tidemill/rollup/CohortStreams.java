package io.tidemill.rollup;

import io.tidemill.contract.CohortApplication;
import io.tidemill.contract.Topics;
import io.tidemill.runtime.Health;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.Metrics;
import io.tidemill.runtime.Part;
import io.tidemill.runtime.StartupException;
import java.util.Properties;
import org.apache.kafka.streams.StreamsConfig;

/// Makes retention cohorts out of events, as one of any number of instances that share the work.
public final class CohortStreams implements Part {

    private final StreamsApplication application;

    private CohortStreams(StreamsApplication application) {
        this.application = application;
    }

    /// Starts processing in the background; {@link #health()} tells when the stores are restored.
    /// The topics exist already.
    ///
    /// @param shared what the rollups of the same process are told, too: folder, commits, memory
    /// @throws StartupException when the folder of the stores can't be used
    public static CohortStreams start(
            CohortConfig config, RollupConfig shared, KafkaConnection kafka, Metrics metrics) {
        RollupStreams.createDirectory(shared.stateDirectory());
        Topics topics = new Topics(kafka.topicPrefix());
        Properties properties =
                StreamsProperties.of(new CohortApplication(topics).id(), shared, kafka);
        properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, config.threads());
        return new CohortStreams(
                StreamsApplication.start(
                        "cohorts",
                        new CohortTopology(topics, metrics.registry()).get(),
                        properties,
                        shared.stateDirectory()));
    }

    @Override
    public String name() {
        return "cohorts";
    }

    @Override
    public Health health() {
        return application.health();
    }

    /// Commits what is at hand and leaves the group, so that other instances take over at once.
    @Override
    public void close() {
        application.close();
    }
}
