package io.tidemill.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingTest {

    private static final Setting<Duration> DURATION = Setting.duration("D", "1s", "");
    private static final Setting<Long> BYTES = Setting.bytes("B", "1", "");
    private static final Setting<Integer> NUMBER = Setting.integer("N", 3, 1, 5, "");

    @ParameterizedTest
    @CsvSource({"250ms, PT0.25S", "30s, PT30S", "5m, PT5M", "24h, PT24H", "29d, PT696H"})
    void durationsHaveAUnit(String text, Duration expected) {
        assertThat(DURATION.parser().apply(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"30", "30 s", "1.5s", "-1s", "0s", "s", "30S", "1h30m", "٣s", "9999999999s"})
    void otherDurationsAreRefused(String text) {
        assertThatThrownBy(() -> DURATION.parser().apply(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith(": " + text);
    }

    @ParameterizedTest
    @CsvSource({
        "4096, 4096",
        "256KiB, 262144",
        "10MiB, 10485760",
        "999999999GiB, 1073741822926258176"
    })
    void sizesAreBytesOrBinaryUnits(String text, long expected) {
        assertThat(BYTES.parser().apply(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "10MB", "10 MiB", "1.5GiB", "MiB", "1TiB"})
    void otherSizesAreRefused(String text) {
        assertThatThrownBy(() -> BYTES.parser().apply(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith(": " + text);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "5, 5"})
    void bothEndsOfARangeAreInIt(String text, int expected) {
        assertThat(NUMBER.parser().apply(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "6", "1.0", "99999999999", "one"})
    void numbersOutsideTheirRangeAreRefused(String text) {
        assertThatThrownBy(() -> NUMBER.parser().apply(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith(": " + text);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "65535, 65535"})
    void portsGoFromAnyFreeOneToTheLast(String text, int expected) {
        assertThat(Setting.port("P", 80, "").parser().apply(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"yes", "1", "TRUE"})
    void flagsAreTrueOrFalseAndNothingElse(String text) {
        Setting<Boolean> flag = Setting.flag("F", false, "");

        assertThat(flag.parser().apply("true")).isTrue();
        assertThatThrownBy(() -> flag.parser().apply(text))
                .hasMessage("is neither true nor false: " + text);
    }

    @Test
    void defaultsAreTextSoThatTheyCanBeListed() {
        assertThat(NUMBER.defaultText()).isEqualTo("3");
        assertThat(Setting.flag("F", true, "").defaultText()).isEqualTo("true");
    }
}
