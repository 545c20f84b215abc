package io.tidemill.benchmarks.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemill.contract.Topics;
import io.tidemill.embedded.EmbeddedKafka;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.KafkaTopics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/// Measures the gateway on this machine: everything, the load included, in this process, on
/// loopback, with a broker whose data is thrown away. Each row of the gateway stands beside a bound
/// of the same run, and all it acknowledged is counted in Kafka afterwards.
public final class GatewayLoad {

    private static final int PARTITIONS = 8;
    private static final int BATCH = 100;
    private static final String BARE = "load.bare";
    private static final String EVENTS = "/api/events";

    private final int seconds;
    private final KafkaConnection kafka;
    private long acknowledged;

    private GatewayLoad(int seconds, KafkaConnection kafka) {
        this.seconds = seconds;
        this.kafka = kafka;
    }

    /// @param arguments how many seconds each row takes; 10 when there is none
    public static void main(String[] arguments) throws Exception {
        int seconds = arguments.length == 0 ? 10 : Integer.parseInt(arguments[0]);
        Path folder = Files.createTempDirectory("tidemill-load-");
        try (EmbeddedKafka broker = EmbeddedKafka.start(folder.resolve("kafka"), 0)) {
            KafkaConnection kafka = new KafkaConnection(broker.bootstrap(), "load.", Map.of());
            new GatewayLoad(seconds, kafka).run(folder);
        } finally {
            remove(folder);
        }
    }

    private void run(Path folder) throws Exception {
        createTopics();
        byte[] one = LoadConnection.request(EVENTS, event(400).getBytes(UTF_8));
        try (LoadTarget bare = LoadTarget.bareHandler(kafka, BARE);
                LoadTarget gateway =
                        LoadTarget.gateway(kafka, folder.resolve("none.json").toString())) {
            Senders.atFullSpeed(64).send(bare.port(), one, seconds);
            count(Senders.atFullSpeed(64).send(gateway.port(), one, seconds), 1);
            for (int connections : List.of(64, 256)) {
                Senders senders = Senders.atFullSpeed(connections);
                LoadResult bound = senders.send(bare.port(), one, seconds);
                LoadResult result = count(senders.send(gateway.port(), one, seconds), 1);
                String name = "one event a request, " + connections + " connections";
                print(name + ", bare handler", bound);
                print(name + ", gateway", result);
                ratio(result.perSecond() / bound.perSecond());
            }
            batches(gateway.port());
            print(
                    "5,000 requests/s, 64 connections, gateway",
                    count(Senders.paced(64, 5_000).send(gateway.port(), one, seconds), 1));
            besideSlowOnes(gateway.port(), one);
            checkNothingIsLost();
        }
    }

    private void batches(int port) throws Exception {
        String batch = "[" + String.join(",", Collections.nCopies(BATCH, event(400))) + "]";
        byte[] request = LoadConnection.request(EVENTS, batch.getBytes(UTF_8));
        double bound = producerPerSecond();
        LoadResult result = count(Senders.atFullSpeed(64).send(port, request, seconds), BATCH);
        System.out.printf(Locale.ROOT, "producer alone, 400 B records: %,.0f a second%n", bound);
        print("batches of 100, 64 connections, gateway", result);
        ratio(result.perSecond() * BATCH / bound);
    }

    private void besideSlowOnes(int port, byte[] request) throws Exception {
        Senders senders = Senders.paced(16, 1_000);
        print(
                "1,000 requests/s, 16 connections, alone",
                count(senders.send(port, request, seconds), 1));
        try (SlowCrowd _ = SlowCrowd.of(2_000, port)) {
            // Answered once the server has accepted those before.
            count(senders.send(port, request, 1), 1);
            print(
                    "the same beside 2,000 slow connections",
                    count(senders.send(port, request, seconds), 1));
        }
    }

    /// Records that one producer gets acknowledged by itself.
    private double producerPerSecond() {
        byte[] value = event(400).getBytes(UTF_8);
        long records = 0;
        long began = System.nanoTime();
        try (KafkaProducer<byte[], byte[]> producer = LoadTarget.producer(kafka)) {
            while (System.nanoTime() - began < TimeUnit.SECONDS.toNanos(seconds)) {
                var _ = producer.send(new ProducerRecord<>(BARE, value));
                records++;
            }
        }
        return records * (double) TimeUnit.SECONDS.toNanos(1) / (System.nanoTime() - began);
    }

    private LoadResult count(LoadResult result, int eventsARequest) {
        acknowledged += (long) result.micros().length * eventsARequest;
        return result;
    }

    /// An event may be there that nobody was told of, but none may be missing.
    private void checkNothingIsLost() throws ExecutionException, InterruptedException {
        long there = 0;
        try (Admin admin = Admin.create(kafka.clientConfig("load"))) {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                TopicPartition of = new TopicPartition(events(), partition);
                there +=
                        admin.listOffsets(Map.of(of, OffsetSpec.latest()))
                                .partitionResult(of)
                                .get()
                                .offset();
            }
        }
        System.out.printf(Locale.ROOT, "acknowledged %,d, in Kafka %,d%n", acknowledged, there);
        if (there < acknowledged) {
            throw new IllegalStateException("acknowledged events are missing: no run");
        }
    }

    private void createTopics() throws ExecutionException, InterruptedException {
        try (Admin admin = Admin.create(kafka.clientConfig("load"))) {
            KafkaTopics.ensure(admin, BARE, PARTITIONS, Map.of());
            Topics.Spec spec = new Topics(kafka.topicPrefix()).all(PARTITIONS, 1).getFirst();
            KafkaTopics.ensure(admin, spec.name(), PARTITIONS, spec.settings());
        }
    }

    private String events() {
        return new Topics(kafka.topicPrefix()).events();
    }

    /// Of that many bytes, without an id: each time it is sent it is another one.
    private static String event(int bytes) {
        String begin =
                """
                {"event_type":"page_viewed","user_id":"usr_f6f216a03b87","session_id":"ses_0b53e053",\
                "tool_name":"editor","properties":{"status":200,"path":"/\
                """;
        String end = "\"}}";
        return begin + "p".repeat(bytes - begin.length() - end.length()) + end;
    }

    private static void print(String name, LoadResult result) {
        System.out.printf("%-55s %s%n", name, result);
    }

    private static void ratio(double ratio) {
        System.out.printf(Locale.ROOT, "%-55s %9.2f of the bound%n", "", ratio);
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
