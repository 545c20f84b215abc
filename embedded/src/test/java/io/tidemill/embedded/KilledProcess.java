package io.tidemill.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/// A process of its own that starts a server, does some work that is confirmed, and is then ended
/// with kill -9: what it leaves is what the next start finds.
final class KilledProcess {

    static final String TOPIC = "confirmed";
    static final int RECORDS = 500;

    private static final String READY = "ready";

    private KilledProcess() {}

    static void startAndKill(String server, Path directory, Path programs)
            throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                ProcessHandle.current().info().command().orElseThrow(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                KilledProcess.class.getName(),
                                server,
                                directory.toString(),
                                programs.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            String line = out.readLine();
            if (!READY.equals(line)) {
                throw new IllegalStateException("not " + READY + ": " + line);
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[1]);
        switch (arguments[0]) {
            case "kafka" -> produce(EmbeddedKafka.start(directory, 0));
            case "postgres" ->
                    EmbeddedPostgres.start(
                            directory, 0, Path.of(arguments[2]), Durability.PAGE_CACHE);
            default -> throw new IllegalArgumentException(arguments[0]);
        }
        System.out.println(READY);
        // Until it is killed, or whoever started it is gone.
        int end = System.in.read();
        Runtime.getRuntime().halt(end);
    }

    private static void produce(EmbeddedKafka kafka) {
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", kafka.bootstrap(), "acks", "all"),
                        new StringSerializer(),
                        new StringSerializer())) {
            KafkaRecords.createTopic(kafka.bootstrap(), TOPIC);
            for (int i = 0; i < RECORDS; i++) {
                producer.send(new ProducerRecord<>(TOPIC, "record " + i)).get();
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
