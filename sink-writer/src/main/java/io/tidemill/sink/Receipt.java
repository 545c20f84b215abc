package io.tidemill.sink;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemill.contract.Event;
import io.tidemill.contract.EventCodec;
import io.tidemill.contract.MalformedRecordException;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/// Whose a record of `events` is and when it was received: what decides whether an erasure covers
/// it.
///
/// @param receivedAtMillis ms since 1970-01-01T00:00:00Z; the earliest there is when it can't be
///   read
record Receipt(User user, long receivedAtMillis) {

    /// Of any record, also one that can't be read: then its key says who acted.
    ///
    /// @return empty when it is nobody's
    static Optional<Receipt> of(byte[] keyOrEmpty, byte[] valueOrEmpty) {
        try {
            Event event = EventCodec.decode(valueOrEmpty);
            return Optional.ofNullable(event.userId())
                    .map(user -> new User(event.projectId(), user))
                    .map(user -> new Receipt(user, event.receivedAtMillis()));
        } catch (MalformedRecordException _) {
            return ofKey(new String(keyOrEmpty, UTF_8));
        }
    }

    static Optional<Receipt> of(ConsumerRecord<byte[], byte[]> origin) {
        byte[] none = new byte[0];
        return of(
                origin.key() == null ? none : origin.key(),
                origin.value() == null ? none : origin.value());
    }

    private static Optional<Receipt> ofKey(String key) {
        int end = key.indexOf('\0');
        return end < 0
                ? Optional.empty()
                : Optional.of(
                        new Receipt(
                                new User(key.substring(0, end), key.substring(end + 1)),
                                Long.MIN_VALUE));
    }
}
