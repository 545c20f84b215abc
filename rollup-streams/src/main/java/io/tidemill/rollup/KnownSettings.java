package io.tidemill.rollup;

import io.tidemill.contract.MalformedRecordException;
import io.tidemill.contract.Topics;
import io.tidemill.contract.settings.SettingsCodec;
import io.tidemill.contract.settings.SettingsHistory;
import io.tidemill.runtime.FollowedTopic;
import io.tidemill.runtime.KafkaConnection;
import java.time.Duration;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the topic `settings` says by now. Thread-safe.
///
/// Nothing is counted before it was read once: that would be by other settings than those of an
/// instance that knows them.
final class KnownSettings implements Supplier<SettingsHistory>, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(KnownSettings.class);
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final FollowedTopic topic;
    private volatile SettingsHistory known = SettingsHistory.NONE;
    private volatile boolean read;

    private KnownSettings(KafkaConnection kafka) {
        topic = FollowedTopic.start(kafka, new Topics(kafka.topicPrefix()).settings(), this::learn);
    }

    /// Starts to read in the background.
    static KnownSettings of(KafkaConnection kafka) {
        return new KnownSettings(kafka);
    }

    /// Waits, the first time, until the topic was read to its end.
    ///
    /// @throws IllegalStateException when that takes too long: the events have to be read again
    @Override
    public SettingsHistory get() {
        if (!read) {
            awaitRead();
        }
        return known;
    }

    @Override
    public void close() {
        topic.close();
    }

    private void awaitRead() {
        try {
            if (!topic.awaitCaughtUp(PATIENCE)) {
                throw new IllegalStateException("the topic of the settings can't be read");
            }
            read = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while settings were read", e);
        }
    }

    private void learn(ConsumerRecord<byte[], byte[]> record) {
        byte[] value = record.value();
        if (value == null) {
            return;
        }
        try {
            known = known.with(SettingsCodec.decode(value));
            log.info("settings known version={}", known.newest().version());
        } catch (MalformedRecordException e) {
            log.warn("settings unreadable offset={} reason={}", record.offset(), e.getMessage());
        }
    }
}
