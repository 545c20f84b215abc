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
import java.time.Duration;
import java.time.InstantSource;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.errors.StreamsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes rollups out of events, as one of any number of instances that share the work.
public final class RollupStreams implements Part {

    private static final Logger log = LoggerFactory.getLogger(RollupStreams.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(15);

    private final KafkaStreams streams;
    private final AtomicBoolean closed = new AtomicBoolean();

    private RollupStreams(KafkaStreams streams) {
        this.streams = streams;
    }

    /// Starts processing in the background; {@link #health()} tells when the stores are restored.
    /// The topics exist already.
    ///
    /// @throws StartupException when the folder of the stores can't be used
    public static RollupStreams start(RollupConfig config, KafkaConnection kafka, Metrics metrics) {
        createDirectory(config.stateDirectory());
        Topics topics = new Topics(kafka.topicPrefix());
        RollupApplication application = new RollupApplication(topics, config.generation());
        Properties properties = StreamsProperties.of(application, config, kafka);
        KafkaStreams streams;
        try {
            streams =
                    new KafkaStreams(
                            new RollupTopology(topics, config, metrics.registry()).get(),
                            properties);
        } catch (StreamsException e) {
            // Its constructor takes the lock of the stores.
            throw storesInUse(config, e);
        }
        streams.setUncaughtExceptionHandler(new ThreadReplacement(InstantSource.system()));
        streams.setStateListener(
                (now, before) -> log.info("rollups state={} before={}", now, before));
        try {
            streams.start();
        } catch (StreamsException e) {
            streams.close(Duration.ZERO);
            throw storesInUse(config, e);
        }
        log.info(
                "rollups started application={} threads={} stores={}",
                application.id(),
                config.threads(),
                config.stateDirectory());
        return new RollupStreams(streams);
    }

    @Override
    public String name() {
        return "streams";
    }

    @Override
    public Health health() {
        return switch (streams.state()) {
            case RUNNING -> Health.UP;
            case CREATED, REBALANCING -> Health.starting("restoring");
            case PENDING_SHUTDOWN -> Health.draining();
            case NOT_RUNNING -> Health.down("stopped");
            case PENDING_ERROR, ERROR ->
                    Health.failed("gave up after repeated failures, see the log");
        };
    }

    /// Commits what is at hand and leaves the group, so that other instances take over at once.
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        boolean inTime =
                streams.close(
                        CloseOptions.timeout(CLOSE_TIMEOUT)
                                .withGroupMembershipOperation(
                                        GroupMembershipOperation.LEAVE_GROUP));
        if (inTime) {
            log.info("rollups stopped");
        } else {
            // Nothing is lost: the open transaction is aborted, and what it held is read again.
            log.warn("rollups stopped before the last commit waited={}", CLOSE_TIMEOUT);
        }
    }

    private static void createDirectory(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new StartupException("can't create the folder " + directory, e);
        }
    }

    private static StartupException storesInUse(RollupConfig config, StreamsException cause) {
        return new StartupException(
                "another process uses the stores in "
                        + config.stateDirectory()
                        + ": give each a folder of its own (TIDEMILL_STATE_DIR)",
                cause);
    }
}
