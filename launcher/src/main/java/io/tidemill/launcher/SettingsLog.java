package io.tidemill.launcher;

import io.tidemill.contract.Topics;
import io.tidemill.contract.settings.CountingSettings;
import io.tidemill.contract.settings.SettingsCodec;
import io.tidemill.contract.settings.SettingsHistory;
import io.tidemill.contract.settings.SettingsVersion;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.StartupException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// The topic `settings`, as commands read and write it.
final class SettingsLog {

    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final int TRANSACTION_MILLIS = 30_000;

    private final KafkaConnection kafka;
    private final TopicPartition partition;

    SettingsLog(KafkaConnection kafka) {
        this.kafka = kafka;
        this.partition = new TopicPartition(new Topics(kafka.topicPrefix()).settings(), 0);
    }

    /// All versions there are.
    ///
    /// @throws StartupException when the topic is not there, or can't be read in time
    SettingsHistory read() {
        Map<String, Object> config = KafkaAnswers.config(kafka);
        config.put("isolation.level", "read_committed");
        config.put("enable.auto.commit", "false");
        config.put("allow.auto.create.topics", "false");
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            if (!consumer.listTopics().containsKey(partition.topic())) {
                throw new StartupException(
                        "there is no topic " + partition.topic() + ": start a part first");
            }
            return read(consumer);
        }
    }

    private SettingsHistory read(KafkaConsumer<byte[], byte[]> consumer) {
        consumer.assign(List.of(partition));
        consumer.seekToBeginning(List.of(partition));
        long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        SettingsHistory history = SettingsHistory.NONE;
        while (consumer.position(partition) < end) {
            if (System.nanoTime() - deadline > 0) {
                throw new StartupException("the topic " + partition.topic() + " can't be read");
            }
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                byte[] value = record.value();
                if (value != null) {
                    history = history.with(SettingsCodec.decode(value));
                }
            }
        }
        return history;
    }

    /// Makes these settings the next version.
    ///
    /// One at a time, whoever applies: the version that this one follows is read after any other
    /// writer was fenced off.
    SettingsVersion apply(CountingSettings settings, long nowMillis) {
        Map<String, Object> config = KafkaAnswers.config(kafka);
        config.put("transactional.id", partition.topic() + "-writer");
        config.put("transaction.timeout.ms", TRANSACTION_MILLIS);
        config.put("delivery.timeout.ms", (int) PATIENCE.toMillis());
        config.put("max.block.ms", PATIENCE.toMillis());
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            SettingsVersion next = read().newest().next(settings, nowMillis);
            producer.beginTransaction();
            Future<RecordMetadata> sent =
                    producer.send(
                            new ProducerRecord<>(
                                    partition.topic(),
                                    0,
                                    SettingsCodec.encodeKey(next.version()),
                                    SettingsCodec.encode(next)));
            producer.commitTransaction();
            if (sent.state() != Future.State.SUCCESS) {
                throw new StartupException("Kafka did not take the settings");
            }
            return next;
        } catch (ProducerFencedException e) {
            throw new StartupException("somebody else applied settings at the same moment", e);
        }
    }
}
