package io.tidemill.rollup;

import io.tidemill.runtime.Health;
import io.tidemill.runtime.StartupException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One Kafka Streams application, as one of any number of instances that share its work.
final class StreamsApplication implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(StreamsApplication.class);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(15);

    private final String name;
    private final KafkaStreams streams;
    private final AtomicBoolean closed = new AtomicBoolean();

    private StreamsApplication(String name, KafkaStreams streams) {
        this.name = name;
        this.streams = streams;
    }

    /// Starts processing in the background; {@link #health()} tells when the stores are restored.
    ///
    /// @param name for people
    /// @throws StartupException when another process uses the stores
    static StreamsApplication start(
            String name, Topology topology, Properties properties, Path stateDirectory) {
        KafkaStreams streams;
        try {
            streams = new KafkaStreams(topology, properties);
        } catch (StreamsException e) {
            // Its constructor takes the lock of the stores.
            throw storesInUse(stateDirectory, e);
        }
        streams.setUncaughtExceptionHandler(new ThreadReplacement(InstantSource.system()));
        streams.setStateListener(
                (now, before) -> log.info("{} state={} before={}", name, now, before));
        try {
            streams.start();
        } catch (StreamsException e) {
            streams.close(Duration.ZERO);
            throw storesInUse(stateDirectory, e);
        }
        log.info(
                "{} started application={} threads={} stores={}",
                name,
                properties.get(StreamsConfig.APPLICATION_ID_CONFIG),
                properties.get(StreamsConfig.NUM_STREAM_THREADS_CONFIG),
                stateDirectory);
        return new StreamsApplication(name, streams);
    }

    Health health() {
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
            log.info("{} stopped", name);
        } else {
            // Nothing is lost: the open transaction is aborted, and what it held is read again.
            log.warn("{} stopped before the last commit waited={}", name, CLOSE_TIMEOUT);
        }
    }

    private static StartupException storesInUse(Path stateDirectory, StreamsException cause) {
        return new StartupException(
                "another process uses the stores in "
                        + stateDirectory
                        + ": give each a folder of its own (TIDEMILL_STATE_DIR)",
                cause);
    }
}
