package io.tidemill.ingest;

import io.tidemill.contract.Event;
import io.tidemill.contract.EventCodec;
import io.tidemill.runtime.Health;
import io.tidemill.runtime.KafkaConnection;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/// Writes events to the topic `events` through one idempotent producer, and calls an event durable
/// once all in-sync replicas have it. Never blocks: what does not fit into the buffer, or has no
/// known partition, fails at once.
final class KafkaEventPublisher implements EventPublisher {

    private static final int BATCH_BYTES = 128 << 10;
    private static final int MAX_RECORD_BYTES = 2 << 20;
    private static final Duration MAX_REQUEST_TIMEOUT = Duration.ofSeconds(4);

    /// The producer answers within its own timeout; this is for a producer that is broken.
    private static final Duration GRACE = Duration.ofSeconds(2);

    private final KafkaProducer<byte[], byte[]> producer;
    private final String topic;
    private final Duration deliveryTimeout;
    private final KafkaWatch watch;
    private final @Nullable Metric bufferAvailable;

    private KafkaEventPublisher(IngestConfig config, KafkaConnection kafka, String topic) {
        this.topic = topic;
        this.deliveryTimeout = config.deliveryTimeout();
        this.producer =
                new KafkaProducer<>(
                        producerConfig(config, kafka),
                        new ByteArraySerializer(),
                        new ByteArraySerializer());
        this.bufferAvailable =
                producer.metrics().entrySet().stream()
                        .filter(metric -> metric.getKey().name().equals("buffer-available-bytes"))
                        .map(Map.Entry::getValue)
                        .findAny()
                        .orElse(null);
        this.watch = KafkaWatch.start(kafka, topic, () -> !producer.partitionsFor(topic).isEmpty());
    }

    /// Starts without waiting for Kafka.
    static KafkaEventPublisher start(IngestConfig config, KafkaConnection kafka, String topic) {
        return new KafkaEventPublisher(config, kafka, topic);
    }

    @Override
    public Mono<BitSet> publish(List<Event> events) {
        return Mono.defer(() -> {
            Acknowledgements acknowledgements = new Acknowledgements(events.size());
            for (int i = 0; i < events.size(); i++) {
                send(events.get(i), i, acknowledgements);
            }
            return acknowledgements.all(deliveryTimeout.plus(GRACE));
        });
    }

    @Override
    public boolean isReachable() {
        return watch.isReachable();
    }

    @Override
    public Health health() {
        return watch.health();
    }

    /// Bytes left in the buffer for records that wait to be sent.
    double bufferAvailableBytes() {
        return bufferAvailable != null && bufferAvailable.metricValue() instanceof Number bytes
                ? bytes.doubleValue()
                : Double.NaN;
    }

    @Override
    public void close() {
        watch.close();
        producer.close(deliveryTimeout.plus(GRACE));
    }

    private void send(Event event, int index, Acknowledgements acknowledgements) {
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(topic, event.routingKey().bytes(), EventCodec.encode(event));
        try {
            var _ =
                    producer.send(
                            record,
                            (_, failure) -> {
                                watch.sent(failure);
                                acknowledgements.answer(index, failure == null);
                            });
        } catch (KafkaException | IllegalStateException e) {
            watch.sent(e);
            acknowledgements.answer(index, false);
        }
    }

    private static Map<String, Object> producerConfig(IngestConfig config, KafkaConnection kafka) {
        Duration requestTimeout = config.deliveryTimeout().dividedBy(2);
        if (requestTimeout.compareTo(MAX_REQUEST_TIMEOUT) > 0) {
            requestTimeout = MAX_REQUEST_TIMEOUT;
        }
        Map<String, Object> producer = kafka.clientConfig("tidemill-ingest");
        producer.put(ProducerConfig.ACKS_CONFIG, "all");
        producer.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        producer.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, config.compression());
        producer.put(ProducerConfig.LINGER_MS_CONFIG, config.linger().toMillis());
        producer.put(ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES);
        producer.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_RECORD_BYTES);
        producer.put(ProducerConfig.BUFFER_MEMORY_CONFIG, config.producerBufferBytes());
        producer.put(
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                Math.toIntExact(config.deliveryTimeout().toMillis()));
        producer.put(
                ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                Math.toIntExact(requestTimeout.toMillis()));
        // Sending waits neither for the topic's metadata nor for room in the buffer.
        producer.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 0);
        // Or the first events after a quiet time would find the metadata forgotten.
        producer.put(ProducerConfig.METADATA_MAX_IDLE_CONFIG, Duration.ofDays(365).toMillis());
        // How soon added partitions get their share.
        producer.put(ProducerConfig.METADATA_MAX_AGE_CONFIG, Duration.ofSeconds(30).toMillis());
        producer.put(ProducerConfig.METRIC_REPORTER_CLASSES_CONFIG, "");
        producer.put(ProducerConfig.ENABLE_METRICS_PUSH_CONFIG, false);
        return producer;
    }

    /// What Kafka has said about the events of one call. Thread-safe.
    private static final class Acknowledgements {

        private final BitSet durable = new BitSet();
        private final Sinks.One<BitSet> done = Sinks.one();
        private int waiting;

        Acknowledgements(int events) {
            waiting = events;
            if (events == 0) {
                done.tryEmitValue(soFar()).orThrow();
            }
        }

        void answer(int index, boolean acknowledged) {
            boolean last;
            synchronized (this) {
                durable.set(index, acknowledged);
                waiting--;
                last = waiting == 0;
            }
            if (last) {
                done.tryEmitValue(soFar()).orThrow();
            }
        }

        Mono<BitSet> all(Duration timeout) {
            return done.asMono().timeout(timeout, Mono.fromSupplier(this::soFar));
        }

        private synchronized BitSet soFar() {
            return (BitSet) durable.clone();
        }
    }
}
