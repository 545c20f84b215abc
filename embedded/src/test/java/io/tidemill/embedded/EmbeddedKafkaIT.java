package io.tidemill.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.runtime.StartupException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.utils.Exit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class EmbeddedKafkaIT {

    private static final String TOPIC = "topic";

    @TempDir Path directory;

    @Test
    void recordsAndClusterIdOutliveARestart() throws Exception {
        // given
        String clusterId;
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory, 0)) {
            KafkaRecords.createTopic(kafka.bootstrap(), TOPIC);
            KafkaRecords.produceInTransaction(kafka.bootstrap(), TOPIC, List.of("a", "b"));
            clusterId = clusterId(kafka);
        }

        // when
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory, 0)) {
            // then
            assertThat(KafkaRecords.readAll(kafka.bootstrap(), TOPIC)).containsExactly("a", "b");
            assertThat(clusterId(kafka)).isEqualTo(clusterId);
        }
    }

    @Test
    void confirmedRecordsOutliveAKill() throws Exception {
        // given
        KilledProcess.startAndKill("kafka", directory, directory);

        // when
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory, 0)) {
            // then
            assertThat(KafkaRecords.readAll(kafka.bootstrap(), KilledProcess.TOPIC))
                    .containsExactlyElementsOf(
                            IntStream.range(0, KilledProcess.RECORDS)
                                    .mapToObj(i -> "record " + i)
                                    .toList());
        }
    }

    @Test
    void aSecondBrokerOnTheSameDirectoryIsRefused() {
        // given
        try (EmbeddedKafka _ = EmbeddedKafka.start(directory, 0)) {
            // when // then
            assertThatThrownBy(() -> EmbeddedKafka.start(directory, 0))
                    .isInstanceOf(StartupException.class)
                    .hasMessageContaining("in use by another process")
                    .hasMessageNotContaining("\n");
        }
    }

    @Test
    void aTakenPortIsSaidInOneLine() throws Exception {
        // given
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral(LocalPort.HOST))) {
            // when // then
            assertThatThrownBy(() -> EmbeddedKafka.start(directory, taken.getLocalPort()))
                    .isInstanceOf(StartupException.class)
                    .hasMessageContaining("127.0.0.1:" + taken.getLocalPort())
                    .hasMessageContaining("taken")
                    .hasMessageNotContaining("\n");
        }
        EmbeddedKafka.start(directory, 0).close(); // and nothing stays locked
    }

    @Test
    void aBrokerThatCantStartLeavesTheProcessAlone() throws Exception {
        // given
        EmbeddedKafka.start(directory, 0).close();
        Path properties = directory.resolve("logs/meta.properties");
        Files.writeString(
                properties, Files.readString(properties).replace("node.id=1", "node.id=7"));

        // when // then
        assertThatThrownBy(() -> EmbeddedKafka.start(directory, 0))
                .isInstanceOf(StartupException.class)
                .hasMessageContaining("Kafka can't start in " + directory)
                .hasMessageNotContaining("\n");
    }

    @Test
    void aBrokerThatGivesUpReportsInsteadOfEndingTheProcess() {
        // given
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory, 0)) {
            // when
            assertThatThrownBy(() -> Exit.halt(1, "the disk is gone")).isInstanceOf(Error.class);

            // then
            assertThat(kafka.failure()).isCompletedWithValue("the disk is gone");
        }
    }

    @Test
    void closingTwiceIsClosingOnce() {
        // given
        EmbeddedKafka kafka = EmbeddedKafka.start(directory, 0);
        kafka.close();

        // when
        kafka.close();

        // then
        EmbeddedKafka.start(directory, kafka.port()).close();
    }

    private static String clusterId(EmbeddedKafka kafka) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrap()))) {
            return admin.describeCluster().clusterId().get();
        }
    }
}
