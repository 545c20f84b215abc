package io.tidemill.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.BitSet;
import org.junit.jupiter.api.Test;
import reactor.test.StepVerifier;

class AcknowledgementsTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(12);

    @Test
    void theAnswerComesWithTheLastEvent() {
        // given
        Acknowledgements acknowledgements = new Acknowledgements(3);
        acknowledgements.answer(2, true);
        acknowledgements.answer(0, true);

        // when
        acknowledgements.answer(1, false);

        // then
        assertThat(acknowledgements.all(TIMEOUT).block(TIMEOUT)).isEqualTo(bits(0, 2));
    }

    @Test
    void onlyTheFirstWordAboutAnEventCounts() {
        // given
        Acknowledgements acknowledgements = new Acknowledgements(2);
        acknowledgements.answer(0, false);

        // when
        acknowledgements.answer(0, true);
        acknowledgements.answer(1, true);
        acknowledgements.answer(1, false);

        // then
        assertThat(acknowledgements.all(TIMEOUT).block(TIMEOUT)).isEqualTo(bits(1));
    }

    @Test
    void whatIsNotAnsweredInTimeIsNotKnownToBeDurable() {
        StepVerifier.withVirtualTime(
                        () -> {
                            // given
                            Acknowledgements acknowledgements = new Acknowledgements(2);
                            acknowledgements.answer(1, true);
                            return acknowledgements.all(TIMEOUT);
                        })
                // when
                .thenAwait(TIMEOUT)
                // then
                .expectNext(bits(1))
                .verifyComplete();
    }

    @Test
    void noEventsAreAnsweredAtOnce() {
        assertThat(new Acknowledgements(0).all(TIMEOUT).block(TIMEOUT)).isEqualTo(new BitSet());
    }

    private static BitSet bits(int... indexes) {
        BitSet bits = new BitSet();
        for (int index : indexes) {
            bits.set(index);
        }
        return bits;
    }
}
