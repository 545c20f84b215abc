package io.tidemill.launcher.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeShiftTest {

    @ParameterizedTest
    @CsvSource({
        "2015-05-20T21:05:59.000Z, 2025-10-18T12:30:00.000Z, 91286",
        "2025-10-18T10:00:00.000Z, 2025-10-18T12:00:00.000Z, 1",
        "2025-10-18T11:59:59.999Z, 2025-10-18T12:00:00.000Z, 0",
        "2025-10-18T11:00:00.000Z, 2025-10-18T12:59:59.999Z, 0",
        "2025-10-18T14:10:00.000Z, 2025-10-18T12:30:00.000Z, -3",
        "1969-12-31T23:30:00.000Z, 1970-01-01T01:30:00.000Z, 1",
    })
    void theNewestTimestampFallsInTheLastFullHour(Instant newest, Instant now, long hours) {
        assertThat(TimeShift.toLastFullHour(newest.toEpochMilli(), now.toEpochMilli()).hours())
                .isEqualTo(hours);
    }
}
