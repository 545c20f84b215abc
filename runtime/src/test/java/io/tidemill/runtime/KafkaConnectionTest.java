package io.tidemill.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Map;
import org.junit.jupiter.api.Test;

class KafkaConnectionTest {

    @Test
    void rawClientSettingsReachEveryClient() {
        // given
        Env env =
                new Env(
                        Map.of(
                                "TIDEMILL_KAFKA_BOOTSTRAP", "kafka:9092",
                                "TIDEMILL_KAFKA_CLIENT_SECURITY_PROTOCOL", "SASL_SSL"));

        // when
        KafkaConnection connection = KafkaConnection.from(env);

        // then
        assertThat(connection.clientConfig("sink"))
                .isEqualTo(
                        Map.of(
                                "bootstrap.servers", "kafka:9092",
                                "client.id", "sink",
                                "security.protocol", "SASL_SSL"));
    }

    @Test
    void aPrefixThatNoTopicMayHaveIsRefused() {
        // given
        Env env = new Env(Map.of("TIDEMILL_TOPIC_PREFIX", "tide mill/"));

        // when
        InvalidSettingsException failure =
                catchThrowableOfType(
                        InvalidSettingsException.class,
                        () -> env.read(() -> KafkaConnection.from(env)));

        // then
        assertThat(failure.problems())
                .singleElement()
                .asString()
                .startsWith("TIDEMILL_TOPIC_PREFIX has other characters");
    }
}
