package io.tidemill.sink;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.r2dbc.postgresql.api.ErrorDetails;
import io.r2dbc.postgresql.api.PostgresqlException;
import io.r2dbc.postgresql.message.backend.Field;
import io.r2dbc.spi.R2dbcException;
import io.tidemill.sink.RecordTable.Row;
import io.tidemill.sink.RecordTable.Tally;
import io.tidemill.sink.RefusedRows.Stored;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

class RefusedRowsTest {

    private enum Hint {
        RIGHT,
        WRONG,
        NONE
    }

    private record NumberRow(ConsumerRecord<byte[], byte[]> origin) implements Row {

        @Override
        public Hour hour() {
            return new Hour("p", 0);
        }

        long value() {
            return origin.offset();
        }
    }

    private static final class Refusal extends R2dbcException implements PostgresqlException {
        private final transient ErrorDetails details;

        Refusal(String where) {
            details =
                    new ErrorDetails(
                            List.of(
                                    new Field(Field.FieldType.CODE, "22P02"),
                                    new Field(Field.FieldType.MESSAGE, "invalid input"),
                                    new Field(Field.FieldType.WHERE, where)));
        }

        @Override
        public ErrorDetails getErrorDetails() {
            return details;
        }
    }

    private final List<Long> stored = new ArrayList<>();
    private int attempts;

    @Test
    void theBadOnesAreSetAsideAndAllOthersStored() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < 60; round++) {
            // given
            int size = random.nextInt(3_000);
            Set<Long> bad = new HashSet<>();
            for (int i = random.nextInt(20); i > 0 && size > 0; i--) {
                bad.add((long) random.nextInt(size));
            }
            Hint hint = Hint.values()[random.nextInt(3)];
            stored.clear();

            // when
            Stored result = store(size, bad, hint);

            // then
            assertThat(result.refused())
                    .as("seed %s", seed)
                    .extracting(refused -> refused.origin().offset())
                    .containsExactlyInAnyOrderElementsOf(bad);
            assertThat(stored)
                    .as("seed %s", seed)
                    .hasSize(size - bad.size())
                    .noneMatch(bad::contains);
            assertThat(result.tally().written()).as("seed %s", seed).isEqualTo(stored.size());
        }
    }

    @Test
    void aFloodOfBadOnesEnds() {
        Set<Long> all = new HashSet<>(IntStream.range(0, 5_000).mapToLong(i -> i).boxed().toList());

        Stored result = store(5_000, all, Hint.RIGHT);

        assertThat(result.refused()).hasSize(5_000);
    }

    @Test
    void aNamedRowCostsFewAttempts() {
        store(1_000, Set.of(500L), Hint.RIGHT);

        assertThat(attempts).isEqualTo(4);
    }

    private Stored store(int size, Set<Long> bad, Hint hint) {
        List<NumberRow> rows =
                IntStream.range(0, size)
                        .mapToObj(i -> new NumberRow(Records.record(i, new byte[0])))
                        .toList();
        RefusedRows<NumberRow> refused =
                new RefusedRows<>(rows, piece -> attempt(piece, bad, hint));
        return requireNonNull(refused.store().block());
    }

    private Mono<Tally> attempt(List<NumberRow> piece, Set<Long> bad, Hint hint) {
        attempts++;
        for (int i = 0; i < piece.size(); i++) {
            if (bad.contains(piece.get(i).value())) {
                int line =
                        switch (hint) {
                            case RIGHT -> i + 1;
                            case WRONG -> Math.max(1, i - 3);
                            case NONE -> 0;
                        };
                return Mono.error(new Refusal(line == 0 ? "" : "COPY events_stage, line " + line));
            }
        }
        piece.forEach(row -> stored.add(row.value()));
        return Mono.just(new Tally(piece.size(), 0));
    }
}
