package io.tidemill.runtime;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Where Kafka is, and whatever else its clients need to reach it.
///
/// @param bootstrap `host:port`, several separated by commas
/// @param topicPrefix stands before the name of every topic and group
/// @param clientSettings passed to every client as they are, such as `security.protocol`
public record KafkaConnection(
        String bootstrap, String topicPrefix, Map<String, String> clientSettings) {

    /// Raw client settings: `TIDEMILL_KAFKA_CLIENT_SECURITY_PROTOCOL` is `security.protocol`.
    public static final String CLIENT_SETTINGS_PREFIX = "TIDEMILL_KAFKA_CLIENT_";

    public static final Setting<String> BOOTSTRAP =
            Setting.text(
                    "TIDEMILL_KAFKA_BOOTSTRAP",
                    "127.0.0.1:19092",
                    "Kafka's address, `host:port`, several separated by commas; `up` starts none of"
                            + " its own when this is set");
    public static final Setting<String> TOPIC_PREFIX =
            new Setting<>(
                    "TIDEMILL_TOPIC_PREFIX",
                    "tidemill.",
                    "stands before the name of every topic and group",
                    KafkaConnection::topicName);

    public static final List<Setting<?>> SETTINGS = List.of(BOOTSTRAP, TOPIC_PREFIX);

    public KafkaConnection {
        clientSettings = Map.copyOf(clientSettings);
    }

    public static KafkaConnection from(Env env) {
        return new KafkaConnection(
                env.get(BOOTSTRAP), env.get(TOPIC_PREFIX), env.passThrough(CLIENT_SETTINGS_PREFIX));
    }

    /// The start of any client's configuration; what is put on top of it wins.
    public Map<String, Object> clientConfig(String clientId) {
        Map<String, Object> config = new HashMap<>(clientSettings);
        config.put("bootstrap.servers", bootstrap);
        config.put("client.id", clientId);
        return config;
    }

    private static String topicName(String text) {
        if (!text.matches("[a-zA-Z0-9._-]{1,100}")) {
            throw new IllegalArgumentException(
                    "has other characters than letters, digits, '.', '_' and '-': " + text);
        }
        return text;
    }
}
