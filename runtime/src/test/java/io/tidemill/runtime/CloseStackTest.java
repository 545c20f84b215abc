package io.tidemill.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CloseStackTest {

    private final List<String> closed = new ArrayList<>();
    private final CloseStack stack = new CloseStack();

    @AfterEach
    void clearInterrupt() {
        Thread.interrupted();
    }

    @Test
    void whatWasStartedLastIsClosedFirst() {
        // given
        stack.push(() -> closed.add("broker"));
        stack.push(() -> closed.add("gateway"));

        // when
        stack.close();

        // then
        assertThat(closed).containsExactly("gateway", "broker");
    }

    @Test
    void oneThatFailsToCloseDoesNotKeepTheOthersOpen() {
        // given
        stack.push(() -> closed.add("broker"));
        stack.push(() -> {
            throw new NoClassDefFoundError("gone");
        });
        stack.push(() -> {
            throw new IllegalStateException("stuck");
        });

        // when
        stack.close();

        // then
        assertThat(closed).containsExactly("broker");
    }

    @Test
    void eachIsClosedOnce() {
        // given
        stack.push(() -> closed.add("broker"));
        stack.close();

        // when
        stack.close();

        // then
        assertThat(closed).containsExactly("broker");
    }

    @Test
    void whatIsPushedAfterTheEndIsClosedAtOnce() {
        // given
        stack.close();

        // when
        stack.push(() -> closed.add("late"));

        // then
        assertThat(closed).containsExactly("late");
    }

    @Test
    void anInterruptWhileClosingIsPassedOn() {
        // given
        stack.push(() -> closed.add("broker"));
        stack.push(() -> {
            throw new InterruptedException();
        });

        // when
        stack.close();

        // then
        assertThat(Thread.interrupted()).isTrue();
        assertThat(closed).containsExactly("broker");
    }
}
