package io.tidemill.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimeRangeTest {

    private static final Instant NOW = Instant.parse("2025-10-18T01:30:00.500Z");
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

    @Test
    void withoutParametersItIsTheDefaultNumberOfHoursUpToNow() {
        assertThat(TimeRange.parse(null, null, null, 24, CLOCK))
                .isEqualTo(range("2025-10-17T01:30:00.500Z", "2025-10-18T01:30:00.500Z"));
    }

    @Test
    void hoursCountBackFromNow() {
        assertThat(TimeRange.parse(null, null, 1, 24, CLOCK))
                .isEqualTo(range("2025-10-18T00:30:00.500Z", "2025-10-18T01:30:00.500Z"));
    }

    @Test
    void fromAloneGoesUpToNow() {
        assertThat(TimeRange.parse("2025-10-18T00:00:00Z", null, null, 24, CLOCK))
                .isEqualTo(range("2025-10-18T00:00:00Z", "2025-10-18T01:30:00.500Z"));
    }

    @Test
    void toAloneStartsTheDefaultNumberOfHoursBefore() {
        assertThat(TimeRange.parse(null, "2025-10-18T00:00:00Z", null, 24, CLOCK))
                .isEqualTo(range("2025-10-17T00:00:00Z", "2025-10-18T00:00:00Z"));
    }

    @Test
    void boundsThatAreMissingMayBeOpen() {
        assertThat(TimeRange.parse(null, null)).isEqualTo(TimeRange.ALL);
        assertThat(TimeRange.parse("0", null))
                .isEqualTo(new TimeRange(0, TimeRange.ALL.toMillis()));
    }

    @ParameterizedTest
    @CsvSource({
        "1760749200000, 2025-10-18T01:00:00Z",
        "-1, 1969-12-31T23:59:59.999Z",
        "2025-10-18T01:00:00Z, 2025-10-18T01:00:00Z",
        "2025-10-18T01:00Z, 2025-10-18T01:00:00Z",
        "2025-10-18T01:00:00.123Z, 2025-10-18T01:00:00.123Z",
        "2025-10-18T03:00:00+02:00, 2025-10-18T01:00:00Z",
        "2025-10-18T03:00:00 02:00, 2025-10-18T01:00:00Z",
        "2025-10-17T20:30:00-04:30, 2025-10-18T01:00:00Z"
    })
    void anInstantIsIso8601WithAnOffsetOrMilliseconds(String text, Instant expected) {
        assertThat(TimeRange.instantMillis("from", text)).isEqualTo(expected.toEpochMilli());
    }

    @ParameterizedTest
    @CsvSource({
        "2025-10-18T01:00:00.000001Z, 2025-10-18T01:00:00.001Z",
        "2025-10-18T01:00:00.999999999Z, 2025-10-18T01:00:01Z",
        "1969-12-31T23:59:59.9991Z, 1970-01-01T00:00:00Z"
    })
    void aFinerInstantMovesToTheNextMillisecond(String text, Instant expected) {
        assertThat(TimeRange.instantMillis("from", text)).isEqualTo(expected.toEpochMilli());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "yesterday",
                "2025-10-18",
                "2025-10-18T01:00:00",
                "2025-13-18T01:00:00Z",
                "1e12",
                "1.5",
                "-",
                "99999999999999999999",
                "253402300800001",
                "+10000-01-02T00:00:00Z",
                "-0001-01-01T00:00:00Z",
                "٢٠٢٥",
                "' OR 1=1 --"
            })
    void otherTextsAreRefusedByTheirParametersName(String text) {
        assertThatThrownBy(() -> TimeRange.instantMillis("to", text))
                .isInstanceOf(BadParameterException.class)
                .hasMessageStartingWith("to ");
    }

    @Test
    void fromMustNotBeLaterThanTo() {
        assertThatThrownBy(() -> TimeRange.parse("2", "1", null, 24, CLOCK))
                .isInstanceOf(BadParameterException.class)
                .hasMessage("from is later than to");
        assertThat(TimeRange.parse("1", "1", null, 24, CLOCK)).isEqualTo(new TimeRange(1, 1));
    }

    @Test
    void hoursExcludeFromAndTo() {
        assertThatThrownBy(() -> TimeRange.parse("1", null, 1, 24, CLOCK))
                .hasMessageStartingWith("hours ");
        assertThatThrownBy(() -> TimeRange.parse(null, "1", 1, 24, CLOCK))
                .hasMessageStartingWith("hours ");
    }

    @ParameterizedTest
    @CsvSource({
        // Starts in the range: of the first hour only when the range holds its first instant.
        "00:00:00.000, 02:00:00.000, 00:00, 02:00",
        "00:00:00.001, 02:00:00.000, 01:00, 02:00",
        "00:00:00.000, 02:00:00.001, 00:00, 03:00",
        "00:00:00.001, 00:59:59.999, 01:00, 01:00",
        "23:59:59.999, 23:59:59.999, 00:00+1, 00:00+1"
    })
    void hoursAreThoseThatStartInTheRange(String from, String to, String first, String end) {
        TimeRange range = range("2025-10-18T" + from + "Z", "2025-10-18T" + to + "Z");

        assertThat(range.ofHourStarts()).isEqualTo(range(hour(first), hour(end)));
    }

    @Test
    void aSpanOfSomeHoursHoldsAsManyStarts() {
        TimeRange week = TimeRange.parse(null, null, 168, 24, CLOCK);

        assertThat(week.ofHourStarts().hours()).isEqualTo(168);
    }

    private static String hour(String text) {
        String day = text.endsWith("+1") ? "2025-10-19T" : "2025-10-18T";
        return day + text.substring(0, 5) + ":00Z";
    }

    private static TimeRange range(String from, String to) {
        return new TimeRange(Instant.parse(from).toEpochMilli(), Instant.parse(to).toEpochMilli());
    }
}
