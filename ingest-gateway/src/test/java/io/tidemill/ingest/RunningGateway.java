package io.tidemill.ingest;

import static org.awaitility.Awaitility.await;

import io.tidemill.contract.Event;
import io.tidemill.contract.EventCodec;
import io.tidemill.contract.Topics;
import io.tidemill.projects.LiveProjects;
import io.tidemill.projects.ProjectsFile;
import io.tidemill.runtime.CloseStack;
import io.tidemill.runtime.Env;
import io.tidemill.runtime.HttpFront;
import io.tidemill.runtime.HttpSettings;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.Metrics;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/// A gateway behind a real HTTP front, a client for it, and a reader of what it wrote to Kafka.
final class RunningGateway implements AutoCloseable {

    private final CloseStack started = new CloseStack();
    private final KafkaConnection kafka;
    private final Metrics metrics = started.push(Metrics.ofProcess());
    private final IngestGateway gateway;
    private final HttpFront front;
    private final HttpClient client = started.push(HttpClient.newHttpClient());

    private RunningGateway(KafkaConnection kafka, Map<String, String> settings) {
        this.kafka = kafka;
        Env env = new Env(Map.of("TIDEMILL_HTTP_PORT", "0")).with(settings);
        LiveProjects projects =
                started.push(LiveProjects.open(ProjectsFile.from(env), metrics.registry()));
        gateway =
                started.push(
                        IngestGateway.start(
                                env.read(() -> IngestConfig.from(env)), kafka, projects, metrics));
        front =
                started.push(
                        HttpFront.start(
                                env.read(() -> HttpSettings.from(env)), List.of(gateway), metrics));
    }

    /// @param settings environment variables
    static RunningGateway start(KafkaConnection kafka, Map<String, String> settings) {
        return new RunningGateway(kafka, settings);
    }

    RunningGateway awaitUp() {
        await().atMost(Duration.ofSeconds(60)).until(() -> gateway.health().isUp());
        return this;
    }

    IngestGateway gateway() {
        return gateway;
    }

    int port() {
        return front.port();
    }

    /// What Prometheus would read.
    String scrape() {
        return metrics.scrape();
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                .timeout(Duration.ofSeconds(60))
                .header("Content-Type", "application/json");
    }

    HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return send(request(path).POST(BodyPublishers.ofString(body)));
    }

    HttpResponse<String> send(HttpRequest.Builder request)
            throws IOException, InterruptedException {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    /// Every event on the topic, up to its present end.
    List<Event> published() {
        return records().stream().map(record -> EventCodec.decode(record.value())).toList();
    }

    /// Every record on the topic, up to its present end.
    List<ConsumerRecord<byte[], byte[]>> records() {
        String topic = new Topics(kafka.topicPrefix()).events();
        ByteArrayDeserializer bytes = new ByteArrayDeserializer();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(kafka.clientConfig("test"), bytes, bytes)) {
            List<TopicPartition> partitions = new ArrayList<>();
            for (PartitionInfo partition : consumer.partitionsFor(topic)) {
                partitions.add(new TopicPartition(topic, partition.partition()));
            }
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            while (ends.entrySet().stream()
                    .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofSeconds(1)).forEach(records::add);
            }
            return records;
        }
    }

    /// Stops as a process does: requests at hand are answered, then Kafka's producer is closed.
    void stopListening() {
        front.close();
        gateway.close();
    }

    @Override
    public void close() {
        started.close();
    }
}
