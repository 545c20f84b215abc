package io.tidemill.launcher.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProgressTest {

    @Test
    void theBarFillsWithTheBytesRead() {
        assertThat(Progress.bar(0)).isEqualTo("[" + " ".repeat(30) + "]");
        assertThat(Progress.bar(0.5)).isEqualTo("[" + "=".repeat(15) + " ".repeat(15) + "]");
        assertThat(Progress.bar(1)).isEqualTo("[" + "=".repeat(30) + "]");
        assertThat(Progress.bar(1.7)).isEqualTo(Progress.bar(1));
    }

    @Test
    void theLineTellsEventsAndTheirRate() {
        assertThat(Progress.line(0.423, 9_999, 0, Duration.ofMillis(2_500)))
                .isEqualTo(" 42 %  9,999 events  4,000/s");
    }

    @Test
    void retriesShowOnceThereAreSome() {
        assertThat(Progress.line(1, 10, 3, Duration.ofSeconds(1))).endsWith("10/s  3 retries");
    }

    @Test
    void noTimeAtAllGivesNoInfiniteRate() {
        assertThat(Progress.rate(7, Duration.ZERO)).isEqualTo(7_000);
    }
}
