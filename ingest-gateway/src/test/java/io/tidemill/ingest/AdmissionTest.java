package io.tidemill.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.ingest.parsing.RefusedException;
import io.tidemill.ingest.parsing.Rejection;
import org.junit.jupiter.api.Test;

class AdmissionTest {

    private final Admission admission = new Admission(100);

    @Test
    void requestsTogetherHoldNoMoreThanTheLimit() {
        // given
        Admission.Ticket first = admission.admit();
        first.hold(60);
        Admission.Ticket second = admission.admit();
        second.hold(40);

        // then
        assertThatThrownBy(() -> second.hold(1))
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.rejection()).isEqualTo(Rejection.OVERLOADED));
    }

    @Test
    void anAnsweredRequestGivesBackAllItHeldOnce() {
        // given
        Admission.Ticket first = admission.admit();
        first.hold(60);
        Admission.Ticket second = admission.admit();
        assertThatThrownBy(() -> second.hold(60)).isInstanceOf(RefusedException.class);

        // when
        second.close();
        second.close();

        // then
        assertThat(admission.bytes()).isEqualTo(60);
        assertThat(admission.requests()).isEqualTo(1);
    }

    @Test
    void whatIsHeldAfterTheAnswerIsNotCounted() {
        // given
        Admission.Ticket ticket = admission.admit();
        ticket.close();

        // when
        ticket.hold(10);

        // then
        assertThat(admission.bytes()).isZero();
    }

    @Test
    void aDrainingGatewayTakesNoNewRequests() {
        // given
        Admission.Ticket atHand = admission.admit();

        // when
        admission.drain();

        // then
        atHand.hold(10);
        assertThatThrownBy(admission::admit)
                .isInstanceOfSatisfying(
                        RefusedException.class,
                        refused -> assertThat(refused.rejection()).isEqualTo(Rejection.DRAINING));
        assertThat(admission.requests()).isEqualTo(1);
    }
}
