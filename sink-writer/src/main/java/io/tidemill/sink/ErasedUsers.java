package io.tidemill.sink;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.Mono;

/// Of the users that a batch is about, those that are erased.
///
/// @param receivedBeforeMillis the erasure covers what was received before, ms since
///   1970-01-01T00:00:00Z
record ErasedUsers(Map<User, Long> receivedBeforeMillis) {

    static final ErasedUsers NONE = new ErasedUsers(Map.of());

    private static final String ANY =
            "SELECT EXISTS (SELECT FROM pipeline.erasures WHERE project_id = ANY ($1)) AS any";

    private static final String AMONG =
            """
            SELECT project_id, user_id, (extract(epoch FROM received_before) * 1000)::bigint AS received_before_ms
              FROM pipeline.erasures
              JOIN unnest($1::text[], $2::text[]) AS written (project_id, user_id) USING (project_id, user_id)
            """;

    ErasedUsers {
        receivedBeforeMillis = Map.copyOf(receivedBeforeMillis);
    }

    /// Comes after the batch's hours are held, in a statement of its own: what was recorded before
    /// is seen then.
    static Mono<ErasedUsers> among(PostgresqlConnection connection, Collection<User> users) {
        List<User> nameable = users.stream().filter(User::isText).distinct().toList();
        return nameable.isEmpty()
                ? Mono.just(NONE)
                : any(connection, nameable)
                        .flatMap(any -> any ? find(connection, nameable) : Mono.just(NONE));
    }

    boolean cover(Receipt receipt) {
        return receipt.receivedAtMillis()
                < receivedBeforeMillis.getOrDefault(receipt.user(), Long.MIN_VALUE);
    }

    boolean isEmpty() {
        return receivedBeforeMillis.isEmpty();
    }

    /// Most projects have no erased users: their batches are spared the list of users.
    private static Mono<Boolean> any(PostgresqlConnection connection, List<User> users) {
        return connection
                .createStatement(ANY)
                .bind("$1", users.stream().map(User::projectId).distinct().toArray(String[]::new))
                .execute()
                .flatMap(result -> result.map((row, _) -> Columns.flag(row, "any")))
                .next();
    }

    private static Mono<ErasedUsers> find(PostgresqlConnection connection, List<User> users) {
        return connection
                .createStatement(AMONG)
                .bind("$1", users.stream().map(User::projectId).toArray(String[]::new))
                .bind("$2", users.stream().map(User::userId).toArray(String[]::new))
                .execute()
                .flatMap(result ->
                        result.map((row, _) ->
                                Map.entry(
                                        new User(
                                                Columns.text(row, "project_id"),
                                                Columns.text(row, "user_id")),
                                        Columns.number(row, "received_before_ms"))))
                .collectMap(Map.Entry::getKey, Map.Entry::getValue)
                .map(ErasedUsers::new);
    }
}
