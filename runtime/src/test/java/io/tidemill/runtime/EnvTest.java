package io.tidemill.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EnvTest {

    private static final Setting<Integer> PORT = Setting.port("PORT", 8080, "a port");
    private static final Setting<Duration> PAUSE = Setting.duration("PAUSE", "30s", "a pause");
    private static final Setting<String> NAME = Setting.text("NAME", "", "a name");

    @Test
    void unsetAndBlankVariablesHaveTheirDefaults() {
        // given
        Env env = new Env(Map.of("PORT", "  "));

        // when
        String values = env.read(() -> env.get(PORT) + " " + env.get(PAUSE) + env.get(NAME));

        // then
        assertThat(values).isEqualTo("8080 PT30S");
    }

    @Test
    void valuesAreReadWithoutTheSpaceAroundThem() {
        Env env = new Env(Map.of("PORT", " 9090 ", "NAME", " tide mill "));

        assertThat(env.get(PORT)).isEqualTo(9090);
        assertThat(env.get(NAME)).isEqualTo("tide mill");
    }

    @Test
    void allMistakesAreReportedAtOnce() {
        // given
        Env env = new Env(Map.of("PORT", "70000", "PAUSE", "soon"));

        // when
        InvalidSettingsException failure =
                catchThrowableOfType(
                        InvalidSettingsException.class,
                        () -> env.read(() -> readAndContradict(env)));

        // then
        assertThat(failure.problems())
                .containsExactly(
                        "PORT is not between 0 and 65535: 70000",
                        "PAUSE does not start with a number above 0: soon",
                        "PORT and NAME contradict each other");
        assertThat(failure).hasMessage(String.join(System.lineSeparator(), failure.problems()));
    }

    @Test
    void aRecordThatRefusesItsValuesIsOneMoreMistake() {
        // given
        Env env = new Env(Map.of("PORT", "x"));

        // when
        InvalidSettingsException failure =
                catchThrowableOfType(
                        InvalidSettingsException.class, () -> env.read(() -> refuse(env)));

        // then
        assertThat(failure.problems())
                .containsExactly("PORT is not a whole number: x", "the least is above the most");
    }

    @Test
    void aSettingReadTwiceIsOneMistake() {
        // given
        Env env = new Env(Map.of("PORT", "x"));

        // when
        InvalidSettingsException failure =
                catchThrowableOfType(
                        InvalidSettingsException.class,
                        () -> env.read(() -> env.get(PORT) + env.get(PORT)));

        // then
        assertThat(failure.problems()).containsExactly("PORT is not a whole number: x");
    }

    @Test
    void aVariableIsSetWhenItHoldsMoreThanSpace() {
        Env env = new Env(Map.of("PORT", "80", "NAME", " "));

        assertThat(env.has(PORT)).isTrue();
        assertThat(env.has(NAME)).isFalse();
        assertThat(env.has(PAUSE)).isFalse();
    }

    @Test
    void variablesBehindAPrefixPassThroughInDottedLowerCase() {
        Env env =
                new Env(Map.of("RAW_SECURITY_PROTOCOL", "SSL", "RAW_ACKS", "1", "OTHER_ACKS", "0"));

        assertThat(env.passThrough("RAW_"))
                .isEqualTo(Map.of("security.protocol", "SSL", "acks", "1"));
    }

    @Test
    void overridesLeaveTheOriginalAsItWas() {
        // given
        Env env = new Env(Map.of("PORT", "80", "NAME", "a"));

        // when
        Env changed = env.with(Map.of("PORT", "81"));

        // then
        assertThat(changed.get(PORT)).isEqualTo(81);
        assertThat(changed.get(NAME)).isEqualTo("a");
        assertThat(env.get(PORT)).isEqualTo(80);
    }

    private static int readAndContradict(Env env) {
        int port = env.get(PORT);
        env.get(PAUSE);
        env.problem("PORT and NAME contradict each other");
        return port;
    }

    private static int refuse(Env env) {
        env.get(PORT);
        throw new IllegalArgumentException("the least is above the most");
    }
}
