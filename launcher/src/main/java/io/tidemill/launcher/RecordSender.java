package io.tidemill.launcher;

import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.StartupException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// Puts single records on topics, for commands; each is durable when its call returns. Not
/// thread-safe.
final class RecordSender implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final KafkaConnection kafka;
    private final KafkaProducer<byte[], byte[]> producer;

    RecordSender(KafkaConnection kafka) {
        this.kafka = kafka;
        Map<String, Object> config = kafka.clientConfig("tidemill-command");
        config.put("enable.idempotence", "true");
        config.put("acks", "all");
        config.put("compression.type", "zstd");
        // The limit of a topic is its own to say.
        config.put("max.request.size", Integer.MAX_VALUE);
        config.put("max.block.ms", LIMIT.toMillis());
        config.put("request.timeout.ms", (int) LIMIT.toMillis() / 2);
        config.put("delivery.timeout.ms", (int) LIMIT.toMillis());
        try {
            producer =
                    new KafkaProducer<>(
                            config, new ByteArraySerializer(), new ByteArraySerializer());
        } catch (KafkaException e) {
            throw failed(e);
        }
    }

    /// @return where it stands
    /// @throws StartupException when Kafka doesn't take it
    RecordMetadata send(ProducerRecord<byte[], byte[]> record) throws InterruptedException {
        try {
            return producer.send(record).get();
        } catch (ExecutionException | KafkaException e) {
            throw failed(e);
        }
    }

    @Override
    public void close() {
        producer.close(LIMIT);
    }

    private StartupException failed(Exception e) {
        return new StartupException(
                "Kafka at " + kafka.bootstrap() + ": " + Reasons.firstLine(e), e);
    }
}
