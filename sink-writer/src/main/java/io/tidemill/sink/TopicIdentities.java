package io.tidemill.sink;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlResult;
import java.util.Map;
import reactor.core.publisher.Mono;

/// `pipeline.consumed_topics`: which topic the stored offsets of a name belong to. A topic that was
/// deleted and created anew has the name and not the records.
final class TopicIdentities {

    /// A name without offsets is taken for the topic that has it now.
    private static final String LEARN =
            """
            INSERT INTO pipeline.consumed_topics AS known (consumer, topic, topic_id)
            SELECT $1, topic, topic_id
              FROM unnest($2::text[], $3::text[]) AS each (topic, topic_id)
             ORDER BY topic
            ON CONFLICT (consumer, topic) DO UPDATE SET topic_id = EXCLUDED.topic_id
             WHERE known.topic_id <> EXCLUDED.topic_id
               AND NOT EXISTS (SELECT FROM pipeline.consumer_offsets AS stored
                                WHERE stored.consumer = known.consumer AND stored.topic = known.topic)
            """;

    private static final String READ =
            "SELECT topic, topic_id FROM pipeline.consumed_topics WHERE consumer = $1";

    private final String consumer;

    TopicIdentities(String consumer) {
        this.consumer = consumer;
    }

    /// The ids that stored offsets belong to, by topic.
    ///
    /// @param current ids by topic, as Kafka has them
    Mono<Map<String, String>> known(PostgresqlConnection connection, Map<String, String> current) {
        return connection
                .createStatement(LEARN)
                .bind("$1", consumer)
                .bind("$2", current.keySet().toArray(String[]::new))
                .bind("$3", current.keySet().stream().map(current::get).toArray(String[]::new))
                .execute()
                .flatMap(PostgresqlResult::getRowsUpdated)
                .thenMany(connection.createStatement(READ).bind("$1", consumer).execute())
                .flatMap(result ->
                        result.map((row, _) ->
                                Map.entry(
                                        Columns.text(row, "topic"), Columns.text(row, "topic_id"))))
                .collectMap(Map.Entry::getKey, Map.Entry::getValue);
    }
}
