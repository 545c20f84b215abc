package io.tidemill.launcher;

import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.StartupException;
import java.util.Map;

/// How commands talk to Kafka: a person waits, so a question has an answer in seconds.
final class KafkaAnswers {

    private static final int WITHIN_MILLIS = 15_000;
    private static final int ONE_TRY_MILLIS = 5_000;

    private KafkaAnswers() {}

    /// Of a client that asks on behalf of a person.
    static Map<String, Object> config(KafkaConnection kafka) {
        Map<String, Object> config = kafka.clientConfig("tidemill-command");
        config.put("request.timeout.ms", ONE_TRY_MILLIS);
        config.put("default.api.timeout.ms", WITHIN_MILLIS);
        return config;
    }

    /// One line that says that Kafka can't be reached, or what it refused.
    static StartupException refusal(KafkaConnection kafka, Exception e) {
        return new StartupException(
                "Kafka at " + kafka.bootstrap() + ": " + Reasons.firstLine(e), e);
    }
}
