package io.tidemill.testkit;

import io.tidemill.contract.Topics;
import io.tidemill.embedded.EmbeddedKafka;
import io.tidemill.embedded.KafkaSettings;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.KafkaTopics;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.testcontainers.kafka.KafkaContainer;

/// One real broker for all tests of this JVM, started on first use. Tests keep out of each other's
/// way by topic prefixes.
public final class TestKafka {

    private static final String IMAGE = "apache/kafka:4.3.1";

    private final String bootstrap;

    private TestKafka(String bootstrap) {
        this.bootstrap = bootstrap;
    }

    public static TestKafka shared() {
        return Shared.INSTANCE;
    }

    public String bootstrap() {
        return bootstrap;
    }

    public KafkaConnection connection(String prefix) {
        return new KafkaConnection(bootstrap, prefix, Map.of());
    }

    /// A topic prefix that no other test uses.
    public String freshPrefix() {
        return "test-" + UUID.randomUUID() + ".";
    }

    /// Creates the pipeline's topics behind a prefix, and waits for them.
    public void createTopics(String prefix, int eventPartitions, int rollupPartitions) {
        try (Admin admin = Admin.create(connection(prefix).clientConfig("testkit"))) {
            for (Topics.Spec topic : new Topics(prefix).all(eventPartitions, rollupPartitions)) {
                KafkaTopics.ensure(admin, topic.name(), topic.partitions(), topic.settings());
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("topics can't be created", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static TestKafka start() {
        return switch (Backend.selected()) {
            case EMBEDDED -> embedded();
            case CONTAINERS -> container();
        };
    }

    private static TestKafka embedded() {
        Path directory = TestDirectory.create("kafka");
        EmbeddedKafka kafka = EmbeddedKafka.start(directory, 0);
        TestDirectory.atExit(
                "testkit-kafka-stop",
                () -> {
                    kafka.close();
                    TestDirectory.delete(directory);
                });
        return new TestKafka(kafka.bootstrap());
    }

    private static TestKafka container() {
        KafkaContainer container = new KafkaContainer(IMAGE);
        KafkaSettings.SINGLE_BROKER.forEach(
                (name, value) -> container.withEnv(environmentName(name), value));
        container.start();
        TestDirectory.atExit("testkit-kafka-stop", container::stop);
        return new TestKafka(container.getBootstrapServers());
    }

    /// As the image wants its settings: `min.insync.replicas` is `KAFKA_MIN_INSYNC_REPLICAS`.
    private static String environmentName(String setting) {
        return "KAFKA_" + setting.replace('.', '_').toUpperCase(Locale.ROOT);
    }

    private static final class Shared {
        static final TestKafka INSTANCE = start();
    }
}
