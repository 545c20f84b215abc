package io.tidemill.contract.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tidemill.contract.MalformedRecordException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsReaderTest {

    @Test
    void readsDimensionsAndMeasures() {
        CountingSettings settings =
                read(
                        """
                        {"dimensions": [{"name": "model", "path": "llm.model", "event_type": "called"}],
                         "measures": [{"name": "seconds", "path": "ms", "factor": 0.001, "by": ["model", "tool"],
                                       "where": {"status": "success", "cached": false, "try": 1.0}}]}
                        """);

        assertThat(settings.dimensions())
                .containsExactly(new Dimension("model", PropertyPath.of("llm.model"), "called"));
        assertThat(settings.measures())
                .containsExactly(
                        new Measure(
                                "seconds",
                                PropertyPath.of("ms"),
                                null,
                                Map.of("status", "success", "cached", "false", "try", "1"),
                                new BigDecimal("0.001"),
                                List.of("model", "tool")));
    }

    @Test
    void tellsAllMistakesAtOnce() {
        InvalidCountingSettingsException refused =
                catchThrowableOfType(
                        InvalidCountingSettingsException.class,
                        () ->
                                read(
                                        """
                                        {"dimension": [], "dimensions": [
                                            {"name": "Model", "path": "a..b"},
                                            {"name": "tool", "path": "x"},
                                            {"name": "one", "path": "list.0", "colour": 1}, 7],
                                         "measures": [
                                            {"name": "m", "path": "p", "factor": 0, "by": ["gone"]},
                                            {"name": "m", "path": "p", "where": {"s": null}, "event_type": ""}]}
                                        """));

        assertThat(refused.problems())
                .containsExactlyInAnyOrder(
                        "settings has a field that is not known: dimension",
                        "dimensions[0].name is not a name: a letter, then letters, digits and _,"
                                + " all small",
                        "dimensions[0].path: path has a name that is empty or a number: \"\"",
                        "there are two dimensions tool",
                        "dimensions[2] has a field that is not known: colour",
                        "dimensions[2].path: path has a name that is empty or a number: \"0\"",
                        "dimensions[3] is not an object",
                        "measures[0].factor is not a number other than 0 of at most 18 places, up"
                                + " to 10^18",
                        "measures[1].where.s is not a text, a boolean or a whole number",
                        "measures[1].event_type is not a text",
                        "there are two measures m",
                        "measure m by gone: no such dimension");
    }

    @Test
    void whatIsNotJsonIsRefusedInWords() {
        assertThatThrownBy(() -> read("{\"dimensions\":"))
                .isInstanceOf(InvalidCountingSettingsException.class)
                .hasMessageContaining("not JSON");
        assertThatThrownBy(() -> read("[]")).hasMessage("not a JSON object");
    }

    @Test
    void aVersionComesBackAsItWas() {
        // given
        SettingsVersion version =
                new SettingsVersion(
                        7,
                        Instant.parse("2025-10-18T03:00:00Z").toEpochMilli(),
                        read(
                                """
                                {"dimensions": [{"name": "model", "path": "m", "event_type": "t"}, {"name": "b", "path": "b"}],
                                 "measures": [{"name": "c", "path": "c.d", "factor": 1e-3, "where": {"s.t": "x"}, "by": ["model", "risk_mode"]},
                                              {"name": "d", "path": "d"}]}
                                """));

        // when then
        assertThat(SettingsCodec.decode(SettingsCodec.encode(version)).toString())
                .isEqualTo(version.toString().replace("1E-3", "0.001"));
        assertThatThrownBy(() -> SettingsCodec.decode("{}".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(MalformedRecordException.class);
    }

    @Test
    void aVersionHoldsFromTheSecondFullHourUntilALaterOneDoes() {
        // given
        long now = Instant.parse("2025-10-18T01:59:59.999Z").toEpochMilli();
        SettingsVersion first = SettingsVersion.BUILT_IN.next(CountingSettings.NONE, now);
        SettingsVersion second = first.next(CountingSettings.NONE, now + 1);
        SettingsVersion behind = second.next(CountingSettings.NONE, 0);
        SettingsHistory history = SettingsHistory.NONE.with(second).with(first);

        // then
        assertThat(Instant.ofEpochMilli(first.fromHourMillis()))
                .isEqualTo(Instant.parse("2025-10-18T03:00:00Z"));
        assertThat(Instant.ofEpochMilli(second.fromHourMillis()))
                .isEqualTo(Instant.parse("2025-10-18T04:00:00Z"));
        assertThat(behind.fromHourMillis()).isEqualTo(second.fromHourMillis());
        assertThat(history.at(first.fromHourMillis() - 1).version()).isZero();
        assertThat(history.at(first.fromHourMillis())).isEqualTo(first);
        assertThat(history.at(second.fromHourMillis())).isEqualTo(second);
        assertThat(history.with(behind).at(second.fromHourMillis())).isEqualTo(behind);
    }

    private static CountingSettings read(String file) {
        return SettingsReader.read(file.getBytes(StandardCharsets.UTF_8));
    }
}
