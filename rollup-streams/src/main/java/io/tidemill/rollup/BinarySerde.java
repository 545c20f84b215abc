package io.tidemill.rollup;

import java.util.function.Function;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/// Serdes from two functions; Kafka's null, which stands for no record, stays null.
final class BinarySerde {

    private BinarySerde() {}

    /// Of what is only written here.
    static <T> Serde<T> written(Function<T, byte[]> encode) {
        return of(
                encode,
                bytes -> {
                    throw new UnsupportedOperationException("only written here");
                });
    }

    @SuppressWarnings("NullAway") // Kafka's interfaces pass null for a missing key or value.
    static <T> Serde<T> of(Function<T, byte[]> encode, Function<byte[], T> decode) {
        return Serdes.serdeFrom(
                (topic, value) -> value == null ? null : encode.apply(value),
                (topic, bytes) -> bytes == null ? null : decode.apply(bytes));
    }
}
