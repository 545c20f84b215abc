package io.tidemill.sink;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.common.TopicPartition;
import reactor.core.publisher.Mono;

/// Where to start reading: at the offset stored in Postgres, or at the beginning when none is. An
/// offset that the log doesn't hold is a problem, never a reset.
final class StartPositions {

    /// @param stored empty when none is stored
    /// @param beginning of the log
    /// @param end of the log
    record Start(OptionalLong stored, long beginning, long end) {

        long offset() {
            return stored.orElse(beginning);
        }

        /// Why reading can't start there; empty when it can.
        String problem() {
            if (offset() < beginning) {
                return "the stored offset "
                        + offset()
                        + " lies before the log's beginning "
                        + beginning
                        + ": records were deleted before they were stored";
            }
            if (offset() > end) {
                return "the stored offset "
                        + offset()
                        + " lies behind the log's end "
                        + end
                        + ": the topic was created anew, or Kafka lost records";
            }
            return "";
        }
    }

    private final Transactions transactions;
    private final OffsetTable offsets;
    private final KafkaPositions positions;

    StartPositions(Transactions transactions, OffsetTable offsets, KafkaPositions positions) {
        this.transactions = transactions;
        this.offsets = offsets;
        this.positions = positions;
    }

    Mono<Map<TopicPartition, Start>> find(Collection<TopicPartition> partitions) {
        // The log's end last: the stored offset never overtakes it.
        return transactions
                .run(offsets::read)
                .flatMap(stored ->
                        positions
                                .earliest(partitions)
                                .zipWith(positions.latest(partitions))
                                .map(log -> starts(stored, log.getT1(), log.getT2())));
    }

    private static Map<TopicPartition, Start> starts(
            Map<TopicPartition, Long> stored,
            Map<TopicPartition, Long> beginnings,
            Map<TopicPartition, Long> ends) {
        Map<TopicPartition, Start> starts = new HashMap<>();
        beginnings.forEach((partition, beginning) -> {
            Long offset = stored.get(partition);
            OptionalLong known = offset == null ? OptionalLong.empty() : OptionalLong.of(offset);
            long end = ends.getOrDefault(partition, beginning);
            starts.put(partition, new Start(known, beginning, end));
        });
        return starts;
    }
}
