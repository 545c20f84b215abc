package io.tidemill.ingest;

import io.tidemill.runtime.KafkaConnection;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerConfig;

/// How the producer of events is set up: durable, idempotent, bounded in memory and in time, and
/// never blocking.
final class ProducerSettings {

    static final int BATCH_BYTES = 128 << 10;
    static final int MAX_RECORD_BYTES = 2 << 20;

    /// Short enough for a request that got lost to be repeated within the delivery timeout.
    private static final Duration MAX_REQUEST_TIMEOUT = Duration.ofSeconds(4);

    private ProducerSettings() {}

    static Map<String, Object> of(IngestConfig config, KafkaConnection kafka) {
        Map<String, Object> producer = kafka.clientConfig("tidemill-ingest");
        producer.put(ProducerConfig.ACKS_CONFIG, "all");
        producer.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        producer.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, config.compression());
        producer.put(ProducerConfig.LINGER_MS_CONFIG, config.linger().toMillis());
        producer.put(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
        producer.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_RECORD_BYTES);
        producer.put(ProducerConfig.BUFFER_MEMORY_CONFIG, config.producerBufferBytes());
        producer.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, millis(config.deliveryTimeout()));
        producer.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, millis(requestTimeout(config)));
        // Sending waits neither for the topic's metadata nor for room in the buffer.
        producer.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 0);
        // Or the first events after a quiet time would find the metadata forgotten.
        producer.put(ProducerConfig.METADATA_MAX_IDLE_CONFIG, Duration.ofDays(365).toMillis());
        // How soon added partitions get their share.
        producer.put(ProducerConfig.METADATA_MAX_AGE_CONFIG, Duration.ofSeconds(5).toMillis());
        producer.put(ProducerConfig.METRIC_REPORTER_CLASSES_CONFIG, "");
        producer.put(ProducerConfig.ENABLE_METRICS_PUSH_CONFIG, false);
        return producer;
    }

    /// Room for a repetition: at most half of the time that there is.
    private static Duration requestTimeout(IngestConfig config) {
        Duration half = config.deliveryTimeout().dividedBy(2);
        return half.compareTo(MAX_REQUEST_TIMEOUT) > 0 ? MAX_REQUEST_TIMEOUT : half;
    }

    private static int millis(Duration duration) {
        return Math.toIntExact(duration.toMillis());
    }
}
