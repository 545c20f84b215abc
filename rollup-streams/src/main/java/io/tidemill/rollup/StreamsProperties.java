package io.tidemill.rollup;

import static org.apache.kafka.streams.StreamsConfig.consumerPrefix;
import static org.apache.kafka.streams.StreamsConfig.mainConsumerPrefix;
import static org.apache.kafka.streams.StreamsConfig.producerPrefix;
import static org.apache.kafka.streams.StreamsConfig.topicPrefix;

import io.tidemill.runtime.KafkaConnection;
import java.time.Duration;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.streams.StreamsConfig;

/// What Kafka Streams is told, with the reasons where they don't show.
final class StreamsProperties {

    private static final Duration SESSION_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration TRANSACTION_TIMEOUT = Duration.ofSeconds(20);
    private static final Duration METADATA_MAX_AGE = Duration.ofSeconds(30);
    private static final Duration TASK_TIMEOUT = Duration.ofDays(7);
    private static final int FETCH_BYTES = 16 << 20;
    private static final int MAX_RECORD_BYTES = 16 << 20;
    private static final long MARK_CACHE_BYTES = 16L << 20;
    private static final int NO_WAITING = -1;
    private static final int BROKER_DEFAULT = -1;

    private StreamsProperties() {}

    /// @param application the application's id, which is its consumer group too
    static Properties of(String application, RollupConfig config, KafkaConnection kafka) {
        Properties properties = new Properties();
        // The connection's settings come first: of what follows, only the metadata age gives way.
        properties.putAll(kafka.clientConfig(application));
        // Kafka Streams makes up names of clients that differ between instances.
        properties.remove(StreamsConfig.CLIENT_ID_CONFIG);
        // How soon new partitions of `events` are seen.
        properties.putIfAbsent(
                CommonClientConfigs.METADATA_MAX_AGE_CONFIG, millis(METADATA_MAX_AGE));

        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, application);
        properties.put(StreamsConfig.STATE_DIR_CONFIG, config.stateDirectory().toString());
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, config.commitInterval().toMillis());
        properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, config.threads());
        properties.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, config.standbyReplicas());
        properties.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, MARK_CACHE_BYTES);
        // Counts add up in any order: no input waits for another.
        properties.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, NO_WAITING);
        // Kafka may be away for hours; that is no reason to die.
        properties.put(StreamsConfig.TASK_TIMEOUT_MS_CONFIG, TASK_TIMEOUT.toMillis());
        properties.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        properties.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, RocksDbMemory.class);
        properties.put(RocksDbMemory.BYTES_CONFIG, config.rocksDbMemoryBytes());

        properties.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, BROKER_DEFAULT);
        // No internal topic refuses a record for its time.
        properties.put(
                topicPrefix(TopicConfig.MESSAGE_TIMESTAMP_AFTER_MAX_MS_CONFIG),
                Long.toString(Long.MAX_VALUE));
        properties.put(
                topicPrefix(TopicConfig.MESSAGE_TIMESTAMP_BEFORE_MAX_MS_CONFIG),
                Long.toString(Long.MAX_VALUE));

        // Rollups are small; but whatever fits on `events` must get to its shard.
        properties.put(
                topicPrefix(TopicConfig.MAX_MESSAGE_BYTES_CONFIG),
                Integer.toString(MAX_RECORD_BYTES));
        properties.put(
                producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG),
                Integer.toString(MAX_RECORD_BYTES));

        // An instance that is gone is replaced after this time, and one that hangs is fenced.
        properties.put(
                mainConsumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG),
                millis(SESSION_TIMEOUT));
        properties.put(
                producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG),
                millis(TRANSACTION_TIMEOUT));
        // A commit flushes anyway; waiting longer only delays what is produced early.
        properties.put(producerPrefix(ProducerConfig.LINGER_MS_CONFIG), "5");
        properties.put(producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
        properties.put(consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), "2000");
        // Events may be large; what is fetched ahead is bounded in bytes.
        properties.put(consumerPrefix(ConsumerConfig.FETCH_MAX_BYTES_CONFIG), FETCH_BYTES);
        return properties;
    }

    private static String millis(Duration duration) {
        return Long.toString(duration.toMillis());
    }
}
