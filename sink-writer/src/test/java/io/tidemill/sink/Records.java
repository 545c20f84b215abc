package io.tidemill.sink;

import io.tidemill.contract.DirtyHour;
import io.tidemill.contract.DirtyHourCodec;
import io.tidemill.contract.Event;
import io.tidemill.contract.EventCodec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;

/// Records as a consumer gives them.
final class Records {

    static final TopicPartition PARTITION = new TopicPartition("events", 0);

    private Records() {}

    static ConsumerRecord<byte[], byte[]> record(long offset, byte[] value) {
        return record(offset, new byte[] {1, 2, 3}, value);
    }

    static ConsumerRecord<byte[], byte[]> record(byte[] key, byte[] value) {
        return record(0, key, value);
    }

    static ConsumerRecord<byte[], byte[]> announcement(DirtyHour dirty) {
        return record(
                DirtyHourCodec.encodeKey(dirty.projectId(), dirty.hourMillis()),
                DirtyHourCodec.encodeValue(dirty.reason()));
    }

    static ConsumerRecord<byte[], byte[]> record(long offset, byte[] key, byte[] value) {
        return new ConsumerRecord<>(
                PARTITION.topic(),
                PARTITION.partition(),
                offset,
                0,
                TimestampType.LOG_APPEND_TIME,
                key.length,
                value.length,
                key,
                value,
                new RecordHeaders(),
                Optional.empty());
    }

    static ConsumerRecords<byte[], byte[]> polled(ConsumerRecord<byte[], byte[]> record) {
        return new ConsumerRecords<>(
                Map.of(PARTITION, List.of(record)),
                Map.of(PARTITION, new OffsetAndMetadata(record.offset() + 1)));
    }

    /// The events at offsets from 0.
    static List<ConsumerRecord<byte[], byte[]>> of(List<Event> events) {
        return IntStream.range(0, events.size())
                .mapToObj(i -> record(i, EventCodec.encode(events.get(i))))
                .toList();
    }
}
