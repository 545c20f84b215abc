package io.tidemill.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.runtime.Env;
import io.tidemill.runtime.InvalidSettingsException;
import io.tidemill.runtime.KafkaConnection;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IngestConfigTest {

    @Test
    void defaultsAreThoseOfTheContract() {
        // when
        IngestConfig config = read(Map.of());

        // then
        assertThat(config.eventLimits().maxEventBytes()).isEqualTo(256 << 10);
        assertThat(config.eventLimits().maxEvents()).isEqualTo(5_000);
        assertThat(config.eventLimits().maxKeys()).isEqualTo(255);
        assertThat(config.eventLimits().maxDepth()).isEqualTo(16);
        assertThat(config.eventLimits().maxAge()).isEqualTo(Duration.ofDays(29));
        assertThat(config.eventLimits().maxFuture()).isEqualTo(Duration.ofMinutes(5));
        assertThat(config.maxRequestBytes()).isEqualTo(10 << 20);
        assertThat(config.compression()).isEqualTo("zstd");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "192.168.1.7", "::", "no-such-host.invalid"})
    void anAddressThatOthersReachIsRefusedWithoutKeys(String host) {
        assertThatThrownBy(() -> read(Map.of("TIDEMILL_HTTP_HOST", host)))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageContaining("TIDEMILL_HTTP_HOST")
                .hasMessageContaining("TIDEMILL_ALLOW_OPEN=true");
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.8.9.10", "localhost", "::1"})
    void loopbackAddressesNeedNoKeys(String host) {
        read(Map.of("TIDEMILL_HTTP_HOST", host));
    }

    @Test
    void anyAddressIsAllowedOnRequest() {
        read(Map.of("TIDEMILL_HTTP_HOST", "0.0.0.0", "TIDEMILL_ALLOW_OPEN", "true"));
    }

    @ParameterizedTest
    @CsvSource({
        "TIDEMILL_MAX_EVENT_BYTES,1MiB",
        "TIDEMILL_MAX_EVENT_FUTURE,2d",
        "TIDEMILL_MAX_REQUEST_BYTES,65MiB",
        "TIDEMILL_INGEST_IN_FLIGHT_BYTES,1MiB",
        "TIDEMILL_INGEST_PRODUCER_BUFFER_BYTES,1MiB",
        "TIDEMILL_INGEST_DELIVERY_TIMEOUT,500ms",
        "TIDEMILL_INGEST_DELIVERY_TIMEOUT,31s",
        "TIDEMILL_INGEST_LINGER,1s",
        "TIDEMILL_INGEST_COMPRESSION,snappy"
    })
    void valuesThatCantWorkAreRefused(String name, String value) {
        assertThatThrownBy(() -> read(Map.of(name, value)))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageContaining(name);
    }

    @Test
    void theProducersBufferHoldsAFewOfTheLongestRecords() {
        assertThatThrownBy(() ->
                        read(
                                Map.of(
                                        "TIDEMILL_MAX_REQUEST_BYTES", "64KiB",
                                        "TIDEMILL_INGEST_PRODUCER_BUFFER_BYTES", "64KiB")))
                .isInstanceOf(InvalidSettingsException.class)
                .hasMessageContaining("TIDEMILL_INGEST_PRODUCER_BUFFER_BYTES is less than 4MiB");
    }

    @ParameterizedTest
    @CsvSource({"1s,500", "2s,1000", "10s,4000", "30s,4000"})
    void theProducersTimeoutsFitIntoEachOther(String delivery, int requestMillis) {
        // given
        IngestConfig config =
                read(
                        Map.of(
                                "TIDEMILL_INGEST_DELIVERY_TIMEOUT",
                                delivery,
                                "TIDEMILL_INGEST_LINGER",
                                "100ms"));

        // when
        Map<String, Object> settings =
                ProducerSettings.of(config, new KafkaConnection("127.0.0.1:1", "", Map.of()));
        settings.put("key.serializer", ByteArraySerializer.class);
        settings.put("value.serializer", ByteArraySerializer.class);
        ProducerConfig producer = new ProducerConfig(settings);

        // then
        int deliveryMillis = producer.getInt("delivery.timeout.ms");
        assertThat(deliveryMillis).isEqualTo((int) config.deliveryTimeout().toMillis());
        assertThat(producer.getInt("request.timeout.ms")).isEqualTo(requestMillis);
        assertThat(producer.getLong("linger.ms") + requestMillis).isLessThan(deliveryMillis);
        assertThat(KafkaEventPublisher.longestAnswer(config))
                .isGreaterThan(config.deliveryTimeout());
    }

    private static IngestConfig read(Map<String, String> variables) {
        Env env = new Env(variables);
        return env.read(() -> IngestConfig.from(env));
    }
}
