package io.tidemill.sink;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import reactor.core.publisher.Mono;

/// Where to start reading: at the offset stored in Postgres, or at the beginning when none is. An
/// offset that the log doesn't hold, or of another log, is a problem, never a reset.
final class StartPositions {

    /// @param stored empty when none is stored
    /// @param beginning of the log
    /// @param end of the log
    /// @param sameTopic whether it is the one that the offset was stored for
    record Start(OptionalLong stored, long beginning, long end, boolean sameTopic) {

        long offset() {
            return stored.orElse(beginning);
        }

        /// Why reading can't start there; empty when it can.
        String problem() {
            if (stored.isPresent() && !sameTopic) {
                return "the stored offset "
                        + offset()
                        + " is of another topic of this name: the topic was created anew";
            }
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
    private final TopicIdentities identities;
    private final KafkaPositions positions;

    StartPositions(
            Transactions transactions,
            OffsetTable offsets,
            TopicIdentities identities,
            KafkaPositions positions) {
        this.transactions = transactions;
        this.offsets = offsets;
        this.identities = identities;
        this.positions = positions;
    }

    Mono<Map<TopicPartition, Start>> find(Collection<TopicPartition> partitions) {
        Set<String> topics =
                partitions.stream().map(TopicPartition::topic).collect(Collectors.toSet());
        return positions
                .ids(topics)
                .flatMap(ids -> differing(ids).flatMap(anew -> find(partitions, anew)));
    }

    /// The topics that are not those that offsets were stored for.
    private Mono<Set<String>> differing(Map<String, String> ids) {
        return transactions
                .run(connection -> identities.known(connection, ids))
                .map(known ->
                        ids.entrySet().stream()
                                .filter(now -> !now.getValue().equals(known.get(now.getKey())))
                                .map(Map.Entry::getKey)
                                .collect(Collectors.toSet()));
    }

    private Mono<Map<TopicPartition, Start>> find(
            Collection<TopicPartition> partitions, Set<String> anew) {
        // The log's end last: the stored offset never overtakes it.
        return transactions
                .run(offsets::read)
                .flatMap(stored ->
                        positions
                                .earliest(partitions)
                                .zipWith(positions.latest(partitions))
                                .map(log -> starts(stored, log.getT1(), log.getT2(), anew)));
    }

    private static Map<TopicPartition, Start> starts(
            Map<TopicPartition, Long> stored,
            Map<TopicPartition, Long> beginnings,
            Map<TopicPartition, Long> ends,
            Set<String> anew) {
        Map<TopicPartition, Start> starts = new HashMap<>();
        beginnings.forEach((partition, beginning) -> {
            Long offset = stored.get(partition);
            OptionalLong known = offset == null ? OptionalLong.empty() : OptionalLong.of(offset);
            long end = ends.getOrDefault(partition, beginning);
            boolean sameTopic = !anew.contains(partition.topic());
            starts.put(partition, new Start(known, beginning, end, sameTopic));
        });
        return starts;
    }
}
