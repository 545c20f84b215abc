package io.tidemill.ingest;

import io.tidemill.contract.Event;
import io.tidemill.contract.EventCodec;
import io.tidemill.runtime.Health;
import io.tidemill.runtime.KafkaConnection;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/// Writes events to the topic `events` through one idempotent producer, and calls an event durable
/// once all in-sync replicas have it. Never blocks: what does not fit into the buffer, or has no
/// known partition, fails at once. A producer that met an error it can't get over is replaced; what
/// it still holds ends as it may.
final class KafkaEventPublisher implements EventPublisher {

    private static final Logger log = LoggerFactory.getLogger(KafkaEventPublisher.class);

    /// A producer answers within its own timeout; this is for one that is broken.
    private static final Duration GRACE = Duration.ofSeconds(2);

    private final String topic;
    private final Duration longestAnswer;
    private final Supplier<Producer<byte[], byte[]>> producers;
    private final EventPartitions partitions = new EventPartitions();
    private final KafkaWatch watch;
    private final AtomicLong replacements = new AtomicLong();
    private volatile EventProducer producer;

    private KafkaEventPublisher(
            IngestConfig config,
            KafkaConnection kafka,
            String topic,
            Supplier<Producer<byte[], byte[]>> producers) {
        this.topic = topic;
        this.longestAnswer = longestAnswer(config);
        this.producers = producers;
        this.producer = newProducer();
        this.watch = new KafkaWatch(new EventTopic(kafka, topic), partitions);
    }

    /// Starts without waiting for Kafka.
    static KafkaEventPublisher start(IngestConfig config, KafkaConnection kafka, String topic) {
        return start(
                config,
                kafka,
                topic,
                () ->
                        new KafkaProducer<>(
                                ProducerSettings.of(config, kafka),
                                new ByteArraySerializer(),
                                new ByteArraySerializer()));
    }

    /// @param producers makes the first producer, and those that replace it
    static KafkaEventPublisher start(
            IngestConfig config,
            KafkaConnection kafka,
            String topic,
            Supplier<Producer<byte[], byte[]>> producers) {
        KafkaEventPublisher publisher = new KafkaEventPublisher(config, kafka, topic, producers);
        publisher.watch.start(publisher::usableProducer);
        return publisher;
    }

    /// The longest that {@link #publish} takes.
    static Duration longestAnswer(IngestConfig config) {
        return config.deliveryTimeout().plus(GRACE);
    }

    @Override
    public Mono<BitSet> publish(List<Event> events) {
        return Mono.defer(() -> {
            Acknowledgements acknowledgements = new Acknowledgements(events.size());
            EventProducer current = producer;
            int count = partitions.count();
            for (int i = 0; i < events.size(); i++) {
                if (count == 0) {
                    acknowledgements.answer(i, false);
                } else {
                    send(events.get(i), i, count, current, acknowledgements);
                }
            }
            return acknowledgements.all(longestAnswer);
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
        return producer.bufferAvailableBytes();
    }

    /// Partitions that events are spread over; 0 until they are known.
    int partitions() {
        return partitions.count();
    }

    /// How often the producer was replaced.
    long replacements() {
        return replacements.get();
    }

    @Override
    public void close() {
        watch.close();
        producer.close(longestAnswer);
    }

    private void send(
            Event event,
            int index,
            int count,
            EventProducer current,
            Acknowledgements acknowledgements) {
        byte[] key = event.routingKey().bytes();
        // Without a timestamp: the broker stamps what it appends.
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(
                        topic, EventPartitions.of(key, count), key, EventCodec.encode(event));
        current.send(
                record,
                failure -> {
                    watch.sent(failure);
                    acknowledgements.answer(index, failure == null);
                });
    }

    /// The producer, replaced if it is broken. Called by the watch alone, now and then.
    private EventProducer usableProducer() {
        EventProducer current = producer;
        String reason = current.broken();
        if (reason == null) {
            return current;
        }
        log.warn("producer replaced reason={}", reason);
        EventProducer next = newProducer();
        // Asking makes it fetch what it must know of the topic before it can send.
        int _ = next.partitions(topic);
        producer = next;
        replacements.incrementAndGet();
        // What the old one has under way may well succeed, and nobody waits for this thread.
        Thread.ofVirtual().name("ingest-producer-close").start(() -> current.close(longestAnswer));
        return next;
    }

    private EventProducer newProducer() {
        return new EventProducer(producers.get(), longestAnswer, System::nanoTime);
    }
}
