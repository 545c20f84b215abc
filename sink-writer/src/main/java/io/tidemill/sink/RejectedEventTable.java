package io.tidemill.sink;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlResult;
import io.tidemill.sink.RecordTable.Rejected;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/// `analytics.rejected_events`: the records that could not be stored, as they were read.
final class RejectedEventTable {

    private static final String INSERT =
            """
            INSERT INTO analytics.rejected_events
                   (topic, kafka_partition, kafka_offset, reason, detail, record_key, record_value)
            SELECT $1, $2, kafka_offset, reason, detail, decode(record_key, 'hex'), decode(record_value, 'hex')
              FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[])
                   AS rejected (kafka_offset, reason, detail, record_key, record_value)
            ON CONFLICT DO NOTHING
            """;

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
                .bind("$6", texts(rejected, r -> hex(r.origin().key())))
                .bind("$7", texts(rejected, r -> hex(r.origin().value())))
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
