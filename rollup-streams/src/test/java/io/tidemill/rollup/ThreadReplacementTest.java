package io.tidemill.rollup;

import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.REPLACE_THREAD;
import static org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.junit.jupiter.api.Test;

class ThreadReplacementTest {

    private final IllegalStateException failure = new IllegalStateException("made up");

    private Instant now = Instant.EPOCH;
    private final ThreadReplacement replacement = new ThreadReplacement(() -> now);

    @Test
    void givesUpAfterTooManyFailuresInAShortTime() {
        // given
        for (int i = 0; i < ThreadReplacement.MAX_REPLACEMENTS; i++) {
            assertThat(replacement.handle(failure)).isEqualTo(REPLACE_THREAD);
        }

        // when
        StreamThreadExceptionResponse next = replacement.handle(failure);

        // then
        assertThat(next).isEqualTo(SHUTDOWN_CLIENT);
    }

    @Test
    void forgetsFailuresOfLongAgo() {
        // given
        for (int i = 0; i < ThreadReplacement.MAX_REPLACEMENTS; i++) {
            replacement.handle(failure);
        }
        now = now.plus(ThreadReplacement.WINDOW).plusMillis(1);

        // when
        StreamThreadExceptionResponse next = replacement.handle(failure);

        // then
        assertThat(next).isEqualTo(REPLACE_THREAD);
    }
}
