package io.tidemill.contract.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.contract.Event;
import io.tidemill.contract.JsonText;
import io.tidemill.contract.MalformedRecordException;
import io.tidemill.contract.settings.Extracted.Counted;
import io.tidemill.contract.settings.Extracted.Measured;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExtractionTest {

    private static final CountingSettings SETTINGS =
            SettingsReader.read(
                    """
                    {"dimensions": [{"name": "model", "path": "llm.model"},
                                    {"name": "status", "path": "status", "event_type": "called"}],
                     "measures": [{"name": "cost", "path": "cost", "by": ["model", "event_type", "tool"]},
                                  {"name": "seconds", "path": "ms", "factor": 0.001,
                                   "event_type": "called", "where": {"status": "ok"}}]}
                    """
                            .getBytes(StandardCharsets.UTF_8));

    @Test
    void countsAndMeasuresWhatTheSettingsName() {
        Extracted extracted =
                extract(
                        "called",
                        "{\"llm\":{\"model\":\"gpt\"},\"status\":\"ok\",\"cost\":0.25,\"ms\":1500}");

        assertThat(extracted.counted())
                .containsExactly(new Counted("model", "gpt"), new Counted("status", "ok"));
        assertThat(extracted.measured())
                .containsExactly(
                        measured("cost", "", "", "0.25"),
                        measured("cost", "model", "gpt", "0.25"),
                        measured("cost", "event_type", "called", "0.25"),
                        measured("seconds", "", "", "1.5"));
        assertThat(extracted.unmeasured()).isZero();
    }

    @Test
    void anotherEventTypeOrValueIsNotCountedOrMeasured() {
        assertThat(extract("viewed", "{\"status\":\"ok\",\"ms\":1}").isEmpty()).isTrue();
        assertThat(extract("called", "{\"status\":\"failed\",\"ms\":1}").measured()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            textBlock =
                    """
                    "text"              ; text
                    ""                  ; ''
                    true                ; true
                    12                  ; 12
                    12.0                ; 12
                    -1.2e1              ; -12
                    -0.0                ; 0
                    9007199254740991    ; 9007199254740991
                    9007199254740992    ;
                    1.5                 ;
                    1e999999999         ;
                    null                ;
                    [1]                 ;
                    {"0":1}             ;
                    """)
    void aValueOfADimensionIsCanonical(String json, @Nullable String value) {
        assertThat(extract("viewed", "{\"llm\":{\"model\":" + json + "}}").counted())
                .extracting(Counted::value)
                .isEqualTo(value == null ? List.of() : List.of(value));
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 0",
        "5e-19, 0.000000000000000001, 0",
        "-5e-19, -0.000000000000000001, 0",
        "4.9e-19, 0, 0",
        "1e-999999999, 0, 0",
        "1e18, 1000000000000000000, 0",
        "1000000000000000000.1, , 1",
        "1e999999999, , 1",
        "'\"1\"', , 1",
        "null, , 1",
        "[], , 1"
    })
    void onlyNumbersOfASizeAreMeasured(String json, @Nullable BigDecimal number, int unmeasured) {
        Extracted extracted = extract("viewed", "{\"cost\":" + json + "}");

        assertThat(extracted.unmeasured()).isEqualTo(unmeasured);
        if (number != null) {
            assertThat(extracted.measured().getFirst().number()).isEqualByComparingTo(number);
        } else {
            assertThat(extracted.measured()).isEmpty();
        }
    }

    @Test
    void withoutSettingsPropertiesAreNotRead() {
        assertThat(Extraction.of(event("called", "{"), CountingSettings.NONE))
                .isEqualTo(Extracted.NONE);
        assertThatThrownBy(() -> extract("called", "{"))
                .isInstanceOf(MalformedRecordException.class);
    }

    private static Measured measured(
            String measure, String dimension, String value, String number) {
        return new Measured(measure, dimension, value, new BigDecimal(number).setScale(18));
    }

    private static Extracted extract(String eventType, String properties) {
        return Extraction.of(event(eventType, properties), SETTINGS);
    }

    private static Event event(String eventType, String properties) {
        return new Event(
                "shop",
                "e",
                eventType,
                "u",
                null,
                null,
                null,
                false,
                JsonText.of(properties),
                null,
                null,
                null,
                0,
                0,
                null);
    }
}
