package io.tidemill.runtime;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/// Creates topics that are missing. Topics that exist are left as they are.
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
        awaitLeaders(admin, name);
    }

    /// The controller answers before brokers know the topic; Kafka Streams for one takes a topic
    /// that they don't know for one that is missing.
    private static void awaitLeaders(Admin admin, String name)
            throws InterruptedException, ExecutionException {
        long deadline = System.nanoTime() + VISIBLE_WITHIN.toNanos();
        while (!hasLeaders(admin, name)) {
            if (System.nanoTime() - deadline > 0) {
                throw new ExecutionException(
                        new TimeoutException(
                                "topic " + name + " has no leaders after " + VISIBLE_WITHIN));
            }
            Thread.sleep(BETWEEN_LOOKS);
        }
    }

    private static boolean hasLeaders(Admin admin, String name)
            throws InterruptedException, ExecutionException {
        try {
            TopicDescription topic =
                    admin.describeTopics(List.of(name)).allTopicNames().get().get(name);
            return topic != null
                    && topic.partitions().stream()
                            .allMatch(p -> p.leader() != null && !p.leader().isEmpty());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return false;
            }
            throw e;
        }
    }
}
