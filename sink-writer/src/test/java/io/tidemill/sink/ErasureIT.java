package io.tidemill.sink;

import static io.tidemill.sink.PipelineFixture.HOUR;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemill.contract.Erasure;
import io.tidemill.contract.ErasureCodec;
import io.tidemill.contract.Event;
import io.tidemill.testkit.Events;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/// Users who are erased, with the real transactions of all that take part.
class ErasureIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /// Covers what was received up to the end of the hour in which the tests' events are.
    private static final Erasure OF_ANN =
            new Erasure(Events.PROJECT, "ann", HOUR.plusSeconds(3_600).toEpochMilli());

    private final OwnershipFixture hours = new OwnershipFixture();
    private final Erasing erasing = new Erasing(hours.owners, hours.transactions, hours.metrics);

    @BeforeEach
    void announceCompleteness() throws Exception {
        hours.execute(
                "INSERT INTO pipeline.completeness VALUES (true, now() - interval '1 minute')");
    }

    @AfterEach
    void close() {
        hours.close();
    }

    @Test
    void rowsOfTheUserGoAndTheirHoursAreRecomputed() throws Exception {
        // given
        Event ann = ann("1").session("s-1").build();
        Event bob = ann("2").user("bob").build();
        Event elsewhere = ann("3").project("elsewhere").build();
        Event back = ann("4").receivedAt(HOUR.plusSeconds(3_600).toString()).build();
        hours.store(List.of(ann, bob, elsewhere, back));

        // when
        erase(OF_ANN);
        erasing.round().block();

        // then
        assertThat(hours.rows())
                .extracting(Event::eventId)
                .containsExactlyInAnyOrder("2", "3", "4");
        assertThat(hours.text("SELECT count(*) FROM pipeline.held_hours")).isEqualTo("1");
        hours.awaitQuiet();
        assertThat(
                        hours.text(
                                "SELECT total_events || ' ' || unique_users || ' ' || unique_sessions FROM analytics.hourly_rollups"))
                .isEqualTo("2 2 0");
        assertThat(
                        hours.text(
                                "SELECT events || ' ' || hours || ' ' || rejected || ' ' || (done_at IS NOT NULL) FROM pipeline.erasures"))
                .isEqualTo("1 1 0 true");
    }

    @Test
    void whatComesAfterwardsIsSetAsideWithoutItsContent() throws Exception {
        // given
        erase(OF_ANN);

        // when
        hours.store(List.of(ann("1").prompt("private").build(), ann("2").user("bob").build()));

        // then
        assertThat(hours.rows()).extracting(Event::eventId).containsExactly("2");
        assertThat(hours.text("SELECT r::text FROM analytics.rejected_events AS r"))
                .contains("events", "erased")
                .doesNotContain("ann", "private", "\\x");
        assertThat(hours.text("SELECT reason FROM pipeline.pending_hours")).isEqualTo("not_stored");
    }

    @Test
    void whatCannotBeStoredAnywayIsKeptWithoutItsContentToo() throws Exception {
        // given
        Event outside = ann("old").at("2001-01-01T00:00:00Z").build();
        ConsumerRecord<byte[], byte[]> unreadable =
                Records.record(outside.routingKey().bytes(), "not an event".getBytes(UTF_8));
        ConsumerRecord<byte[], byte[]> bobs =
                Records.record(
                        ann("x").user("bob").build().routingKey().bytes(),
                        "not an event".getBytes(UTF_8));
        hours.write("events", 0, outside, unreadable, bobs);
        assertThat(kept()).as("before").isEqualTo("3");

        // when
        erase(OF_ANN);
        erasing.round().block();

        // then
        assertThat(kept()).as("what was set aside before").isEqualTo("1");
        assertThat(hours.text("SELECT rejected FROM pipeline.erasures")).isEqualTo("2");

        // when
        hours.write("events", 1, outside, unreadable, bobs);

        // then
        assertThat(kept()).as("what was set aside afterwards").isEqualTo("2");
        assertThat(
                        hours.text(
                                "SELECT count(*) FROM analytics.rejected_events WHERE reason = 'erased'"))
                .isEqualTo("4");
    }

    @Test
    void anErasureIsRecordedOnlyAfterTheWritersThatAreAtWork() throws Exception {
        // given
        Sinks.Empty<Void> release = Sinks.empty();
        Sinks.Empty<Void> written = Sinks.empty();
        Hour hour = new Hour(Events.PROJECT, HOUR.toEpochMilli());
        Mono<Long> writer =
                hours.transactions.run(connection ->
                        hours.owners
                                .hold(connection, List.of(hour))
                                .then(hours.insert(connection, ann("1").build()))
                                .doOnSuccess(_ -> written.tryEmitEmpty())
                                .then(release.asMono())
                                .thenReturn(1L));
        var writing = writer.toFuture();
        written.asMono().block(PATIENCE);

        // when
        var erased = erasing(OF_ANN).toFuture();

        // then
        hours.awaitLockWait();
        assertThat(hours.text("SELECT count(*) FROM pipeline.erasures")).isEqualTo("0");
        release.tryEmitEmpty();
        writing.get();
        erased.get();
        erasing.round().block();
        assertThat(hours.rows()).isEmpty();
    }

    @Test
    void topicsThatAreReplayedBringNothingBack() throws Exception {
        // given
        List<Event> events = List.of(ann("1").build(), ann("2").user("bob").build());
        hours.store(events);
        erase(OF_ANN);
        erasing.round().block();

        // when
        hours.forgetOffsets();
        hours.store(events);
        erase(OF_ANN);
        erasing.round().block();

        // then
        assertThat(hours.rows()).extracting(Event::eventId).containsExactly("2");
        assertThat(hours.text("SELECT done_at IS NOT NULL FROM pipeline.erasures")).isEqualTo("t");
    }

    @Test
    void anErasureThatComesAgainIsCarriedOutAgain() throws Exception {
        // given
        hours.store(List.of(ann("2").user("bob").build()));
        erase(OF_ANN);
        erasing.round().block();
        hours.restoreRow(ann("1").build());

        // when
        erase(new Erasure(Events.PROJECT, "ann", OF_ANN.receivedBeforeMillis() - 3_600_000));

        // then
        erasing.round().block();
        assertThat(hours.rows())
                .as("the furthest erasure holds")
                .extracting(Event::eventId)
                .containsExactly("2");
    }

    @Test
    void aStepThatANewErasureOvertakesDoesNotMoveItOn() throws Exception {
        // given
        ErasureProgress progress = new ErasureProgress();
        User user = User.of(OF_ANN);
        hours.store(List.of(ann("1").build()));
        erase(OF_ANN);

        // when
        hours.transactions
                .run(connection ->
                        progress.next(connection, user)
                                .delayUntil(_ -> erasing(OF_ANN))
                                .flatMap(step ->
                                        progress.advance(
                                                        connection,
                                                        step,
                                                        new ErasedRows.Found(List.of()))
                                                .thenReturn(step)))
                .block();

        // then
        erasing.round().block();
        assertThat(hours.rows()).isEmpty();
    }

    @Test
    void aUserOfManyEventsGoesPieceByPiece() throws Exception {
        // given
        int many = 12_000;
        List<Event> events = new ArrayList<>();
        IntStream.range(0, many)
                .forEach(i ->
                        events.add(
                                ann("ann-" + i)
                                        .at(HOUR.minusSeconds(50_000).plusMillis(4_500L * i))
                                        .receivedAt(HOUR.toString())
                                        .build()));
        events.add(ann("bob").user("bob").build());
        hours.store(events);

        // when
        erase(OF_ANN);
        erasing.round().block();

        // then
        assertThat(hours.rows()).extracting(Event::eventId).containsExactly("bob");
        assertThat(hours.text("SELECT events FROM pipeline.erasures"))
                .isEqualTo(String.valueOf(many));
        assertThat(
                        hours.text(
                                "SELECT count(*) FROM (SELECT hour FROM pipeline.raw_hours EXCEPT SELECT hour FROM pipeline.hour_marks) AS unmarked"))
                .isEqualTo("0");
    }

    @Test
    void anErasureThatPostgresCannotNameIsSetAside() throws Exception {
        erase(new Erasure(Events.PROJECT, "nul \0", OF_ANN.receivedBeforeMillis()));

        hours.store(List.of(ann("1").build(), ann("2").user("nul \0").build()));

        assertThat(hours.text("SELECT string_agg(reason, ' ') FROM analytics.rejected_events"))
                .isEqualTo("refused_by_postgres refused_by_postgres");
        assertThat(hours.rows()).hasSize(1);
    }

    private static Events ann(String id) {
        return Events.event().id(id).user("ann").at(HOUR);
    }

    private void erase(Erasure erasure) {
        erasing(erasure).block();
    }

    private Mono<Void> erasing(Erasure erasure) {
        return hours.writing(
                "erasures",
                0,
                List.of(
                        Records.record(
                                ErasureCodec.encodeKey(erasure),
                                ErasureCodec.encodeValue(erasure))));
    }

    private String kept() throws Exception {
        return hours.text(
                "SELECT count(*) FROM analytics.rejected_events WHERE record_value IS NOT NULL AND record_key IS NOT NULL");
    }
}
