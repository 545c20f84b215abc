package io.tidemill.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.InvalidPidMappingException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EventProducerTest {

    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(12);

    private final MockProducer<byte[], byte[]> kafka =
            new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final List<@Nullable Exception> outcomes = new ArrayList<>();
    private long now = 17;
    private final EventProducer producer = new EventProducer(kafka, LONGEST_SILENCE, () -> now);

    static Stream<RuntimeException> finalErrors() {
        return Stream.of(
                new ProducerFencedException("test"),
                new ClusterAuthorizationException("test"),
                new InvalidPidMappingException("test"),
                new UnsupportedVersionException("test"),
                new OutOfOrderSequenceException("test"));
    }

    static Stream<RuntimeException> passingErrors() {
        return Stream.of(
                new TimeoutException("test"),
                new NotEnoughReplicasException("test"),
                new TopicAuthorizationException("test"));
    }

    @ParameterizedTest
    @MethodSource("finalErrors")
    void anErrorThatIsFinalForAProducerBreaksIt(RuntimeException error) {
        // given
        send();

        // when
        kafka.errorNext(error);

        // then
        assertThat(outcomes).containsExactly(error);
        assertThat(producer.broken()).isEqualTo(error.getClass().getSimpleName());
    }

    @ParameterizedTest
    @MethodSource("passingErrors")
    void passingTroubleDoesNotBreakIt(RuntimeException error) {
        // given
        send();

        // when
        kafka.errorNext(error);

        // then
        assertThat(outcomes).containsExactly(error);
        assertThat(producer.broken()).isNull();
    }

    @Test
    void aProducerThatRefusesToSendIsBroken() {
        // given
        kafka.sendException = new KafkaException("in an error state");

        // when
        send();

        // then
        assertThat(outcomes).containsExactly(kafka.sendException);
        assertThat(producer.broken()).isEqualTo("KafkaException");
    }

    @Test
    void aProducerThatFallsSilentWhileRecordsWaitIsBroken() {
        // given
        send();
        pass(LONGEST_SILENCE);
        assertThat(producer.broken()).isNull();

        // when
        pass(Duration.ofNanos(1));

        // then
        assertThat(producer.broken()).isEqualTo("no answer in PT12S");
    }

    @Test
    void anyOutcomeIsASignOfLife() {
        // given
        send();
        send();
        pass(LONGEST_SILENCE);

        // when
        kafka.errorNext(new TimeoutException("test"));
        pass(LONGEST_SILENCE);

        // then
        assertThat(producer.broken()).isNull();
    }

    @Test
    void aProducerWithNothingToDoMayBeSilent() {
        // given
        send();
        kafka.completeNext();

        // when
        pass(LONGEST_SILENCE.multipliedBy(100));
        boolean idle = producer.broken() == null;
        send();

        // then
        assertThat(idle).isTrue();
        assertThat(producer.broken()).isNull();
    }

    private void send() {
        producer.send(new ProducerRecord<>("events", new byte[1]), outcomes::add);
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }
}
