package io.tidemill.sink;

import io.tidemill.runtime.KafkaConnection;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import reactor.core.publisher.Mono;

/// Where logs begin and end, and how far a group has read them. Thread-safe.
final class KafkaPositions implements AutoCloseable {

    private final Admin admin;

    KafkaPositions(KafkaConnection kafka) {
        Map<String, Object> config = new HashMap<>(kafka.clientConfig("tidemill-sink-positions"));
        config.put("request.timeout.ms", "5000");
        config.put("default.api.timeout.ms", "10000");
        admin = Admin.create(config);
    }

    /// The ends of all partitions that a topic has now: what is acknowledged lies before them.
    Mono<Map<TopicPartition, Long>> ends(String topic) {
        return mono(() -> admin.describeTopics(Set.of(topic)).allTopicNames())
                .map(descriptions -> partitions(descriptions.values()))
                .flatMap(this::latest);
    }

    /// Kafka's ids of topics, by name.
    Mono<Map<String, String>> ids(Set<String> topics) {
        return mono(() -> admin.describeTopics(topics).allTopicNames())
                .map(descriptions ->
                        descriptions.values().stream()
                                .collect(
                                        Collectors.toMap(
                                                TopicDescription::name,
                                                description -> description.topicId().toString())));
    }

    Mono<Map<TopicPartition, Long>> latest(Collection<TopicPartition> partitions) {
        return offsets(partitions, OffsetSpec.latest());
    }

    Mono<Map<TopicPartition, Long>> earliest(Collection<TopicPartition> partitions) {
        return offsets(partitions, OffsetSpec.earliest());
    }

    /// What a group has committed; partitions that it never committed are absent.
    Mono<Map<TopicPartition, Long>> committed(String group) {
        return mono(() -> admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata())
                .map(offsets -> withoutAbsent(offsets, OffsetAndMetadata::offset));
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(5));
    }

    private Mono<Map<TopicPartition, Long>> offsets(
            Collection<TopicPartition> partitions, OffsetSpec spec) {
        Map<TopicPartition, OffsetSpec> asked =
                partitions.stream().collect(Collectors.toMap(p -> p, _ -> spec));
        return mono(() -> admin.listOffsets(asked).all())
                .map(found -> withoutAbsent(found, ListOffsetsResultInfo::offset));
    }

    private static <T> Mono<T> mono(Supplier<KafkaFuture<T>> request) {
        return Mono.fromCompletionStage(() -> request.get().toCompletionStage());
    }

    private static <V> Map<TopicPartition, Long> withoutAbsent(
            Map<TopicPartition, V> found, Function<V, Long> offset) {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        found.forEach((partition, value) -> {
            if (value != null) {
                offsets.put(partition, offset.apply(value));
            }
        });
        return offsets;
    }

    private static Set<TopicPartition> partitions(Collection<TopicDescription> topics) {
        Set<TopicPartition> partitions = new HashSet<>();
        for (TopicDescription topic : topics) {
            topic.partitions()
                    .forEach(p -> partitions.add(new TopicPartition(topic.name(), p.partition())));
        }
        return partitions;
    }
}
