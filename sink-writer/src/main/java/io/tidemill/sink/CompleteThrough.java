package io.tidemill.sink;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import io.r2dbc.postgresql.api.PostgresqlResult;
import io.tidemill.contract.Topics;
import io.tidemill.sink.SinkConfig.Application;
import io.tidemill.sink.SinkConfig.Counting;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/// Finds the instant before which every acknowledged event is in all tables, again and again, and
/// stores it.
///
/// It notes the ends of `events` at an instant T, waits until all readers have passed them, then
/// does the same stage by stage down to the rollups, the announced hours and the cohorts: what came
/// before T has gone all the way then. Hours that wait to be recomputed hold back what is said of
/// them.
///
/// It watches from outside; any number of sinks may do so, the latest T wins.
final class CompleteThrough {

    private static final Logger log = LoggerFactory.getLogger(CompleteThrough.class);
    private static final Duration BETWEEN_ROUNDS = Duration.ofSeconds(1);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);
    private static final int LOOKS_BEFORE_PROBE = 10;

    private static final String NOW = "SELECT date_trunc('milliseconds', now()) AS now";

    /// Only while the positions that T rests on are still stored: a database restored from a backup
    /// may have lost them.
    private static final String STORE =
            """
            INSERT INTO pipeline.completeness AS known (complete_through)
            SELECT $1::timestamptz
             WHERE NOT EXISTS (
                   SELECT FROM unnest($3::text[], $4::bigint[], $5::bigint[]) AS noted (topic, partition, log_end)
                    WHERE NOT EXISTS (
                          SELECT FROM pipeline.consumer_offsets AS stored
                           WHERE stored.consumer = $2 AND stored.topic = noted.topic
                             AND stored.partition = noted.partition AND stored.next_offset >= noted.log_end))
            ON CONFLICT (only_row) DO UPDATE
               SET complete_through = GREATEST(known.complete_through, EXCLUDED.complete_through), updated_at = now()
            """;

    private final String consumer;
    private final Topics topics;
    private final List<Application> applications;
    private final Transactions transactions;
    private final OffsetTable offsets;
    private final KafkaPositions positions;
    private final MarkerProbe markerProbe;
    private final SinkMetrics metrics;

    CompleteThrough(
            String consumer,
            Topics topics,
            Counting counting,
            Transactions transactions,
            OffsetTable offsets,
            KafkaPositions positions,
            MarkerProbe markerProbe,
            SinkMetrics metrics) {
        this.consumer = consumer;
        this.topics = topics;
        this.applications = counting.applications();
        this.transactions = transactions;
        this.offsets = offsets;
        this.positions = positions;
        this.markerProbe = markerProbe;
        this.metrics = metrics;
    }

    /// Starts going round; a round that fails is dropped and the next one begins a little later.
    Disposable start() {
        return Mono.defer(this::round)
                .retryWhen(
                        Retry.backoff(Long.MAX_VALUE, BETWEEN_ROUNDS)
                                .maxBackoff(Duration.ofSeconds(15))
                                .transientErrors(true)
                                .doBeforeRetry(CompleteThrough::warn))
                .repeatWhen(rounds -> rounds.delayElements(BETWEEN_ROUNDS))
                .subscribe();
    }

    private Mono<Void> round() {
        return transactions
                .run(CompleteThrough::now)
                .flatMap(instant ->
                        positions.ends(topics.events()).flatMap(ends -> follow(instant, ends)));
    }

    private Mono<Void> follow(Instant instant, Map<TopicPartition, Long> events) {
        return Flux.fromIterable(applications)
                .flatMap(application -> counted(application, events))
                .then(stored(events))
                .then(Mono.defer(this::outcome))
                .flatMap(outcome -> stored(outcome).then(store(instant, events, outcome)));
    }

    /// Completes when an application has passed these ends of `events`, and then, stage by stage,
    /// what it made of them.
    private Mono<Void> counted(Application application, Map<TopicPartition, Long> events) {
        String group = topics.prefix() + application.group();
        return counted(group, events)
                .thenMany(Flux.fromIterable(application.repartitions()))
                .concatMap(stage ->
                        positions
                                .ends(topics.prefix() + stage)
                                .flatMap(ends -> counted(group, ends)))
                .then();
    }

    /// The ends of what the applications say: rollups, hours that aren't vouched for, cohorts.
    private Mono<Map<TopicPartition, Long>> outcome() {
        return Flux.just(topics.hourlyRollups(), topics.dirtyHours(), topics.retentionCohorts())
                .concatMap(positions::ends)
                .reduce(CompleteThrough::union);
    }

    private static Map<TopicPartition, Long> union(
            Map<TopicPartition, Long> some, Map<TopicPartition, Long> others) {
        Map<TopicPartition, Long> all = new HashMap<>(some);
        all.putAll(others);
        return all;
    }

    /// Completes when the group has passed these ends.
    private Mono<Void> counted(String group, Map<TopicPartition, Long> ends) {
        return passed(ends, wait -> notCounted(group, wait));
    }

    /// Completes when what lies before these ends is in Postgres.
    private Mono<Void> stored(Map<TopicPartition, Long> ends) {
        return passed(ends, wait -> transactions.run(offsets::read).map(wait::without));
    }

    private static Mono<Void> passed(
            Map<TopicPartition, Long> ends, Function<Wait, Mono<Wait>> look) {
        return Mono.just(new Wait(ends, 0))
                .flatMap(look)
                .expand(wait -> wait.isOver() ? Mono.empty() : pause(wait).flatMap(look))
                .then();
    }

    private static Mono<Wait> pause(Wait wait) {
        return Mono.delay(BETWEEN_LOOKS).thenReturn(wait);
    }

    private Mono<Wait> notCounted(String group, Wait wait) {
        return positions
                .committed(group)
                .zipWith(positions.earliest(wait.left().keySet()), CompleteThrough::readUpTo)
                .flatMap(read ->
                        wait.without(read).isProbeDue()
                                ? probe(wait.without(read), read)
                                : Mono.just(wait.without(read)));
    }

    /// A group commits no position of a partition in which it finds only markers of transactions
    /// and what they undo: whether that is so, a look of one's own tells.
    private Mono<Wait> probe(Wait wait, Map<TopicPartition, Long> read) {
        return Mono.fromFuture(() -> markerProbe.passed(read, wait.left())).map(wait::without);
    }

    /// A group that never committed a partition starts at its beginning.
    private static Map<TopicPartition, Long> readUpTo(
            Map<TopicPartition, Long> committed, Map<TopicPartition, Long> earliest) {
        Map<TopicPartition, Long> read = new HashMap<>(earliest);
        read.replaceAll(committed::getOrDefault);
        return read;
    }

    private Mono<Void> store(
            Instant instant, Map<TopicPartition, Long> events, Map<TopicPartition, Long> outcome) {
        List<Map.Entry<TopicPartition, Long>> noted =
                List.copyOf(union(events, outcome).entrySet());
        return transactions
                .run(connection -> store(connection, instant, noted))
                .filter(stored -> stored == 1)
                .doOnNext(_ -> metrics.completeThrough(instant.toEpochMilli()))
                .then();
    }

    private Mono<Long> store(
            PostgresqlConnection connection,
            Instant instant,
            List<Map.Entry<TopicPartition, Long>> noted) {
        return connection
                .createStatement(STORE)
                .bind("$1", instant)
                .bind("$2", consumer)
                .bind("$3", noted.stream().map(n -> n.getKey().topic()).toArray(String[]::new))
                .bind(
                        "$4",
                        noted.stream().map(n -> (long) n.getKey().partition()).toArray(Long[]::new))
                .bind("$5", noted.stream().map(Map.Entry::getValue).toArray(Long[]::new))
                .execute()
                .flatMap(PostgresqlResult::getRowsUpdated)
                .next();
    }

    private static Mono<Instant> now(PostgresqlConnection connection) {
        return connection
                .createStatement(NOW)
                .execute()
                .flatMap(result -> result.map((row, _) -> Columns.instant(row, "now")))
                .next();
    }

    private static void warn(Retry.RetrySignal signal) {
        log.warn(
                "complete_through not found failures={} reason={}",
                signal.totalRetriesInARow() + 1,
                SqlStates.describe(signal.failure()));
    }

    /// Ends that are not passed yet.
    private record Wait(Map<TopicPartition, Long> left, int looks) {

        boolean isOver() {
            return left.isEmpty();
        }

        boolean isProbeDue() {
            return !left.isEmpty() && looks % LOOKS_BEFORE_PROBE == 0;
        }

        /// After one more look, which found these positions.
        Wait without(Map<TopicPartition, Long> reached) {
            Map<TopicPartition, Long> rest = new HashMap<>(left);
            rest.entrySet()
                    .removeIf(end -> reached.getOrDefault(end.getKey(), -1L) >= end.getValue());
            return new Wait(rest, looks + 1);
        }
    }
}
