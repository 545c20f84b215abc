package io.tidemill.sink;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlResult;
import io.r2dbc.postgresql.api.PostgresqlStatement;
import io.r2dbc.spi.Row;
import io.tidemill.sink.PartitionBuffer.Batch;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import reactor.core.publisher.Mono;

/// `pipeline.consumer_offsets`: how far each partition has been written. The authority, ahead of
/// Kafka's own.
final class OffsetTable {

    private static final String READ =
            "SELECT topic, partition, next_offset FROM pipeline.consumer_offsets"
                    + " WHERE consumer = $1";

    private static final String FIRST =
            """
            INSERT INTO pipeline.consumer_offsets (consumer, topic, partition, next_offset)
            VALUES ($1, $2, $3, $4)
            ON CONFLICT (consumer, topic, partition) DO NOTHING
            """;

    private static final String ADVANCE =
            """
            UPDATE pipeline.consumer_offsets SET next_offset = $4, updated_at = now()
             WHERE consumer = $1 AND topic = $2 AND partition = $3 AND next_offset = $5
            """;

    private static final String STILL_THERE =
            """
            SELECT next_offset FROM pipeline.consumer_offsets
             WHERE consumer = $1 AND topic = $2 AND partition = $3 AND next_offset = $4
            """;

    private final String consumer;

    OffsetTable(String consumer) {
        this.consumer = consumer;
    }

    /// All stored offsets of this consumer.
    Mono<Map<TopicPartition, Long>> read(PostgresqlConnection connection) {
        return connection
                .createStatement(READ)
                .bind("$1", consumer)
                .execute()
                .flatMap(result -> result.map((row, _) -> stored(row)))
                .collectMap(Map.Entry::getKey, Map.Entry::getValue);
    }

    /// Moves the stored offset to the end of the batch, if it still is where the batch starts;
    /// fails with {@link FencedException} otherwise. The first statement of a transaction: whoever
    /// loses writes nothing.
    Mono<Void> advance(PostgresqlConnection connection, Batch batch) {
        PostgresqlStatement statement = statement(connection, batch);
        Mono<Long> rows =
                batch.isCheck()
                        ? statement
                                .execute()
                                .flatMap(result -> result.map((row, _) -> row.get(0)))
                                .count()
                        : statement.execute().flatMap(PostgresqlResult::getRowsUpdated).next();
        return rows.filter(count -> count == 1)
                .switchIfEmpty(Mono.error(() -> new FencedException(batch.partition())))
                .then();
    }

    private PostgresqlStatement statement(PostgresqlConnection connection, Batch batch) {
        String sql = batch.isCheck() ? STILL_THERE : batch.isFirst() ? FIRST : ADVANCE;
        PostgresqlStatement statement =
                connection
                        .createStatement(sql)
                        .bind("$1", consumer)
                        .bind("$2", batch.partition().topic())
                        .bind("$3", batch.partition().partition())
                        .bind("$4", batch.next());
        if (!batch.isCheck() && !batch.isFirst()) {
            statement.bind("$5", batch.expected().getAsLong());
        }
        return statement;
    }

    private static Map.Entry<TopicPartition, Long> stored(Row row) {
        return Map.entry(
                new TopicPartition(
                        Columns.text(row, "topic"), (int) Columns.number(row, "partition")),
                Columns.number(row, "next_offset"));
    }
}
