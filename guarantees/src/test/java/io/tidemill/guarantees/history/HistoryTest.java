package io.tidemill.guarantees.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryTest {

    private static final SentEvent NAMED = new SentEvent("alpha", "é\"1", 5, "hash");
    private static final SentEvent NAMELESS = new SentEvent("beta", null, 6, "other");

    private Path path;

    @BeforeEach
    void place(@TempDir Path folder) {
        path = folder.resolve("history");
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        // given
        Answer answer =
                new Answer(
                        207,
                        false,
                        List.of(Outcome.REFUSED, Outcome.ACKNOWLEDGED),
                        Arrays.asList(null, "evt_1"));
        try (HistoryFile file = HistoryFile.create(path)) {
            long first = file.sending(100, List.of(NAMED, NAMELESS));
            long second = file.sending(101, List.of(NAMED));
            file.ended(second, 102, Answer.same(503, true, Outcome.UNKNOWN, 1));
            file.ended(first, 103, answer);
        }

        // when
        History history = History.read(path);

        // then
        assertThat(history.requests())
                .containsExactly(
                        new Request(100, 103L, List.of(NAMED, NAMELESS), answer),
                        new Request(
                                101,
                                102L,
                                List.of(NAMED),
                                Answer.same(503, true, Outcome.UNKNOWN, 1)));
        assertThat(history.attempts(Outcome.ACKNOWLEDGED))
                .singleElement()
                .isEqualTo(new Attempt(NAMELESS, "evt_1", Outcome.ACKNOWLEDGED));
    }

    @Test
    void aRequestWithoutAnEndIsUnknown() throws IOException {
        try (HistoryFile file = HistoryFile.create(path)) {
            file.sending(100, List.of(NAMED));
        }

        assertThat(History.read(path).attempts(Outcome.UNKNOWN)).hasSize(1);
    }

    @Test
    void aLineThatWasTornOffLeavesItsRequestUnknown() throws IOException {
        // given
        try (HistoryFile file = HistoryFile.create(path)) {
            file.sending(100, List.of(NAMED));
        }
        Files.writeString(path, "{\"end\":1,\"at\":101,\"sta", StandardOpenOption.APPEND);

        // then
        assertThat(History.read(path).attempts(Outcome.UNKNOWN)).hasSize(1);
    }
}
