package io.tidemill.ingest;

import io.tidemill.runtime.KafkaConnection;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthorizationException;

/// What the brokers say about the topic of events. Each question takes a few seconds at most, and
/// fails with what the brokers answered.
final class EventTopic implements AutoCloseable {

    private static final Duration QUESTION_TIMEOUT = Duration.ofSeconds(3);

    private final Admin admin;
    private final String name;

    EventTopic(KafkaConnection kafka, String name) {
        this.name = name;
        Map<String, Object> config = kafka.clientConfig("tidemill-ingest-watch");
        int timeout = Math.toIntExact(QUESTION_TIMEOUT.toMillis());
        config.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, timeout);
        config.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, timeout);
        config.put(AdminClientConfig.METRIC_REPORTER_CLASSES_CONFIG, "");
        this.admin = Admin.create(config);
    }

    String name() {
        return name;
    }

    /// For each partition, whether it has a leader.
    List<Boolean> leaders() throws ExecutionException, InterruptedException {
        TopicDescription description =
                admin.describeTopics(List.of(name)).allTopicNames().get().get(name);
        return description == null
                ? List.of()
                : description.partitions().stream().map(EventTopic::hasLeader).toList();
    }

    /// Returns when the leaders of these partitions serve them. One that is named may not know it
    /// yet; one that tells its end does.
    ///
    /// @param to not included
    void requireServed(int from, int to) throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
        for (int partition = from; partition < to; partition++) {
            ends.put(new TopicPartition(name, partition), OffsetSpec.latest());
        }
        admin.listOffsets(ends).all().get();
    }

    /// Whether the broker stamps what it appends. Otherwise records carry the clock of who wrote
    /// them: a wrong one is refused, or moves the clock of everything that reads them.
    boolean isStampedByTheBroker() throws ExecutionException, InterruptedException {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, name);
        try {
            Config config = admin.describeConfigs(List.of(topic)).all().get().get(topic);
            ConfigEntry entry =
                    config == null ? null : config.get(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG);
            return entry == null || "LogAppendTime".equals(entry.value());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AuthorizationException) {
                // Writing takes no leave to read settings: then it is not ours to check.
                return true;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }

    private static boolean hasLeader(TopicPartitionInfo partition) {
        return partition.leader() != null && !partition.leader().isEmpty();
    }
}
