package io.tidemill.runtime;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/// Creates topics that are missing, and gives one more partitions. Else, topics that exist are left
/// as they are.
public final class KafkaTopics {

    private static final Duration VISIBLE_WITHIN = Duration.ofSeconds(30);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

    private KafkaTopics() {}

    /// Waits until the topic exists and can be used; many processes may ask for the same one at
    /// once. The broker's default decides the number of replicas.
    public static void ensure(
            Admin admin, String name, int partitions, Map<String, String> settings)
            throws InterruptedException, ExecutionException {
        NewTopic topic =
                new NewTopic(name, Optional.of(partitions), Optional.empty()).configs(settings);
        try {
            admin.createTopics(List.of(topic)).all().get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
        }
        awaitLeaders(admin, name, 1);
    }

    /// How many partitions the topic has.
    public static int partitions(Admin admin, String name)
            throws InterruptedException, ExecutionException {
        return infos(admin, name).size();
    }

    /// Gives the topic more partitions, and waits until they can be used.
    ///
    /// @param partitions more than it has now
    public static void grow(Admin admin, String name, int partitions)
            throws InterruptedException, ExecutionException {
        admin.createPartitions(Map.of(name, NewPartitions.increaseTo(partitions))).all().get();
        awaitLeaders(admin, name, partitions);
    }

    private static List<TopicPartitionInfo> infos(Admin admin, String name)
            throws InterruptedException, ExecutionException {
        TopicDescription topic =
                admin.describeTopics(List.of(name)).allTopicNames().get().get(name);
        return topic == null ? List.of() : topic.partitions();
    }

    /// The controller answers before brokers know the topic; Kafka Streams for one takes a topic
    /// that they don't know for one that is missing.
    private static void awaitLeaders(Admin admin, String name, int partitions)
            throws InterruptedException, ExecutionException {
        long deadline = System.nanoTime() + VISIBLE_WITHIN.toNanos();
        while (!hasLeaders(admin, name, partitions)) {
            if (System.nanoTime() - deadline > 0) {
                throw new ExecutionException(
                        new TimeoutException(
                                "topic " + name + " has no leaders after " + VISIBLE_WITHIN));
            }
            Thread.sleep(BETWEEN_LOOKS);
        }
    }

    private static boolean hasLeaders(Admin admin, String name, int atLeast)
            throws InterruptedException, ExecutionException {
        try {
            List<TopicPartitionInfo> partitions = infos(admin, name);
            return partitions.size() >= atLeast
                    && partitions.stream()
                            .allMatch(p -> p.leader() != null && !p.leader().isEmpty());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return false;
            }
            throw e;
        }
    }
}
