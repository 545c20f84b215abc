package io.tidemill.benchmarks.load;

import io.tidemill.ingest.IngestConfig;
import io.tidemill.ingest.IngestGateway;
import io.tidemill.projects.LiveProjects;
import io.tidemill.projects.ProjectsFile;
import io.tidemill.runtime.CloseStack;
import io.tidemill.runtime.Env;
import io.tidemill.runtime.HttpFront;
import io.tidemill.runtime.HttpSettings;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.Metrics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/// A server that takes events on a port of its own.
///
/// @param started all of it
record LoadTarget(int port, CloseStack started) implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(1);

    /// The gateway, as it is by default.
    ///
    /// @param projectsFile of no file, so that no key is needed
    static LoadTarget gateway(KafkaConnection kafka, String projectsFile) {
        CloseStack started = new CloseStack();
        Env env =
                new Env(Map.of("TIDEMILL_HTTP_PORT", "0", "TIDEMILL_PROJECTS_FILE", projectsFile));
        Metrics metrics = started.push(Metrics.ofProcess());
        LiveProjects projects =
                started.push(LiveProjects.open(ProjectsFile.from(env), metrics.registry()));
        IngestConfig config = env.read(() -> IngestConfig.from(env));
        IngestGateway gateway = started.push(IngestGateway.start(config, kafka, projects, metrics));
        HttpFront front =
                started.push(HttpFront.start(HttpSettings.from(env), List.of(gateway), metrics));
        while (!gateway.health().isUp()) {
            LockSupport.parkNanos(PATIENCE.toNanos() / 100);
        }
        return new LoadTarget(front.port(), started);
    }

    /// A handler that reads no event: it hands each body to a producer set up like the gateway's,
    /// and answers when the broker has it. What the gateway costs beyond it is what it does.
    static LoadTarget bareHandler(KafkaConnection kafka, String topic) {
        CloseStack started = new CloseStack();
        KafkaProducer<byte[], byte[]> producer = started.push(producer(kafka));
        int _ = producer.partitionsFor(topic).size();
        DisposableServer server =
                HttpServer.create()
                        .host("127.0.0.1")
                        .port(0)
                        .handle((request, response) ->
                                request.receive()
                                        .aggregate()
                                        .asByteArray()
                                        .flatMap(body -> durable(producer, topic, body))
                                        .then(
                                                response.status(200)
                                                        .header("Content-Length", "2")
                                                        .sendString(Mono.just("ok"))
                                                        .then()))
                        .bindNow();
        started.push(() -> server.disposeNow(PATIENCE));
        return new LoadTarget(server.port(), started);
    }

    static KafkaProducer<byte[], byte[]> producer(KafkaConnection kafka) {
        Map<String, Object> config = kafka.clientConfig("bare");
        config.put(ProducerConfig.ACKS_CONFIG, "all");
        config.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "zstd");
        config.put(ProducerConfig.LINGER_MS_CONFIG, 2);
        config.put(ProducerConfig.BATCH_SIZE_CONFIG, 128 << 10);
        config.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 64L << 20);
        ByteArraySerializer bytes = new ByteArraySerializer();
        return new KafkaProducer<>(config, bytes, bytes);
    }

    @Override
    public void close() {
        started.close();
    }

    private static Mono<Boolean> durable(
            KafkaProducer<byte[], byte[]> producer, String topic, byte[] body) {
        return Mono.create(sink -> send(producer, topic, body, sink));
    }

    private static void send(
            KafkaProducer<byte[], byte[]> producer,
            String topic,
            byte[] body,
            MonoSink<Boolean> sink) {
        var _ =
                producer.send(
                        new ProducerRecord<>(topic, body),
                        (_, failure) -> {
                            if (failure == null) {
                                sink.success(true);
                            } else {
                                sink.error(failure);
                            }
                        });
    }
}
