package io.tidemill.sink;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlResult;
import io.r2dbc.spi.Row;
import io.tidemill.contract.RoutingKey;
import io.tidemill.sink.RecordTable.Rejected;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/// `analytics.rejected_events`: the records that could not be stored, as they were read.
final class RejectedEventTable {

    private static final String INSERT =
            """
            INSERT INTO analytics.rejected_events
                   (topic, kafka_partition, kafka_offset, reason, detail, replay_of, record_key, record_value)
            SELECT $1, $2, kafka_offset, reason, detail, replay_of, decode(record_key, 'hex'), decode(record_value, 'hex')
              FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
                   AS rejected (kafka_offset, reason, detail, replay_of, record_key, record_value)
            ON CONFLICT DO NOTHING
            """;

    /// Whatever may be the user's: by its key, or because it holds the user's id somewhere. Page by
    /// page, for each may be large.
    private static final String CANDIDATES =
            """
            SELECT topic, kafka_partition, kafka_offset, record_key, record_value
              FROM analytics.rejected_events
             WHERE (record_key = decode($1, 'hex') OR position(decode($2, 'hex') IN record_value) > 0)
               AND (topic, kafka_partition, kafka_offset) > ($3, $4, $5)
             ORDER BY topic, kafka_partition, kafka_offset
             LIMIT 200
            """;

    private static final String FORGET =
            """
            UPDATE analytics.rejected_events AS rejected
               SET reason = $4, detail = $5, record_key = NULL, record_value = NULL
              FROM unnest($1::text[], $2::int[], $3::bigint[]) AS forgotten (topic, kafka_partition, kafka_offset)
             WHERE rejected.topic = forgotten.topic AND rejected.kafka_partition = forgotten.kafka_partition
               AND rejected.kafka_offset = forgotten.kafka_offset
            """;

    /// @param value empty when there is none
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Candidate(TopicPartition origin, long offset, byte[] key, byte[] value) {

        static final Candidate BEFORE_ALL =
                new Candidate(new TopicPartition("", 0), -1, new byte[0], new byte[0]);

        boolean isCovered(ErasedUsers erased) {
            return Receipt.of(key, value).filter(erased::cover).isPresent();
        }
    }

    /// Removes the content of records that an erasure covers; that there was one stays.
    ///
    /// @param receivedBeforeMillis ms since 1970-01-01T00:00:00Z
    /// @return how many
    Mono<Long> forget(PostgresqlConnection connection, User user, long receivedBeforeMillis) {
        ErasedUsers erased = new ErasedUsers(Map.of(user, receivedBeforeMillis));
        return candidates(connection, user, Candidate.BEFORE_ALL)
                .expand(page -> candidates(connection, user, page.getLast()))
                .concatMap(page ->
                        forget(connection, page.stream().filter(c -> c.isCovered(erased)).toList()))
                .reduce(0L, Long::sum);
    }

    /// Empty after the last page.
    private static Mono<List<Candidate>> candidates(
            PostgresqlConnection connection, User user, Candidate after) {
        byte[] key = new RoutingKey(user.projectId(), user.userId()).bytes();
        return connection
                .createStatement(CANDIDATES)
                .bind("$1", HexFormat.of().formatHex(key))
                .bind("$2", HexFormat.of().formatHex(user.userId().getBytes(UTF_8)))
                .bind("$3", after.origin().topic())
                .bind("$4", after.origin().partition())
                .bind("$5", after.offset())
                .execute()
                .flatMap(result -> result.map((row, _) -> candidate(row)))
                .collectList()
                .filter(page -> !page.isEmpty());
    }

    private static Candidate candidate(Row row) {
        return new Candidate(
                new TopicPartition(
                        Columns.text(row, "topic"), (int) Columns.number(row, "kafka_partition")),
                Columns.number(row, "kafka_offset"),
                bytes(row, "record_key"),
                bytes(row, "record_value"));
    }

    private static byte[] bytes(Row row, String column) {
        byte[] bytes = row.get(column, byte[].class);
        return bytes == null ? new byte[0] : bytes;
    }

    private static Mono<Long> forget(PostgresqlConnection connection, List<Candidate> covered) {
        return covered.isEmpty()
                ? Mono.just(0L)
                : connection
                        .createStatement(FORGET)
                        .bind(
                                "$1",
                                covered.stream()
                                        .map(c -> c.origin().topic())
                                        .toArray(String[]::new))
                        .bind(
                                "$2",
                                covered.stream()
                                        .map(c -> c.origin().partition())
                                        .toArray(Integer[]::new))
                        .bind("$3", covered.stream().map(Candidate::offset).toArray(Long[]::new))
                        .bind("$4", Rejected.ERASED)
                        .bind("$5", Rejected.ERASED_DETAIL)
                        .execute()
                        .flatMap(PostgresqlResult::getRowsUpdated)
                        .reduce(0L, Long::sum);
    }

    Mono<Void> insert(
            PostgresqlConnection connection, TopicPartition origin, List<Rejected> rejected) {
        if (rejected.isEmpty()) {
            return Mono.empty();
        }
        return connection
                .createStatement(INSERT)
                .bind("$1", origin.topic())
                .bind("$2", origin.partition())
                .bind("$3", rejected.stream().map(r -> r.origin().offset()).toArray(Long[]::new))
                .bind("$4", texts(rejected, Rejected::reason))
                .bind("$5", texts(rejected, Rejected::detail))
                .bind("$6", texts(rejected, r -> RejectedRecords.replayOf(r.origin())))
                .bind("$7", texts(rejected, r -> hex(r.keptKey())))
                .bind("$8", texts(rejected, r -> hex(r.keptValue())))
                .execute()
                .flatMap(PostgresqlResult::getRowsUpdated)
                .then();
    }

    private static @Nullable String[] texts(
            List<Rejected> rejected, Function<Rejected, @Nullable String> field) {
        return rejected.stream().map(field).toArray(String[]::new);
    }

    /// @return null for a record that has none
    private static @Nullable String hex(byte @Nullable [] bytes) {
        return bytes == null ? null : HexFormat.of().formatHex(bytes);
    }
}
