package io.tidemill.sink;

import org.apache.kafka.common.TopicPartition;

/// Somebody else moved the stored offset of this partition: what was read from the old one must not
/// be written.
final class FencedException extends RuntimeException {

    FencedException(TopicPartition partition) {
        super("the stored offset of " + partition + " was moved by another writer");
    }
}
