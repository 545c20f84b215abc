package io.tidemill.guarantees.checks;

import io.tidemill.contract.Event;
import io.tidemill.contract.EventIdentity;
import io.tidemill.contract.HourlyRollup;
import io.tidemill.contract.MalformedRecordException;
import io.tidemill.contract.RollupCodec;
import io.tidemill.contract.RollupKey;
import io.tidemill.contract.Topics;
import io.tidemill.guarantees.checks.Counts.Hour;
import io.tidemill.guarantees.checks.RevisionsGrow.Part;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/// The topics, read from their beginnings to where they end now, as a reader of committed records
/// sees them.
public final class TopicsRead {

    private static final Duration ONE_POLL = Duration.ofMillis(500);

    private final String bootstrap;
    private final Topics topics;

    public TopicsRead(String bootstrap, Topics topics) {
        this.bootstrap = bootstrap;
        this.topics = topics;
    }

    Topics topics() {
        return topics;
    }

    /// Every identity of a readable record on `events`.
    ///
    /// @param cohorts takes each of these records
    Set<EventIdentity> identities(Cohorts cohorts) {
        Set<EventIdentity> identities = new HashSet<>();
        readAll(
                topics.events(),
                record -> {
                    Event event =
                            record.value() == null ? null : Postgres.decodedOrNull(record.value());
                    if (event != null) {
                        identities.add(event.identity());
                        cohorts.add(event);
                    }
                });
        return identities;
    }

    /// The newest revision of the hours that are wanted.
    Map<Part, Long> newestRevisions(Predicate<Hour> wanted) {
        Map<Part, Long> newest = new HashMap<>();
        readAll(
                topics.hourlyRollups(),
                record -> {
                    try {
                        RollupKey key = RollupCodec.decodeKey(record.key());
                        Hour hour = new Hour(key.projectId(), key.hourMillis());
                        if (key.part().equals(RollupKey.HOUR)
                                && record.value() != null
                                && wanted.test(hour)) {
                            HourlyRollup rollup = RollupCodec.decode(key, record.value());
                            newest.merge(
                                    Postgres.part(hour, key.part()), rollup.revision(), Math::max);
                        }
                    } catch (MalformedRecordException _) {
                        // Poison: nobody reads it.
                    }
                });
        return newest;
    }

    private void readAll(String topic, Consumer<ConsumerRecord<byte[], byte[]>> reader) {
        Map<String, Object> settings = new HashMap<>();
        settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(topic).stream()
                            .map(p -> new TopicPartition(topic, p.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream()
                    .anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
                consumer.poll(ONE_POLL).forEach(reader);
            }
        }
    }
}
