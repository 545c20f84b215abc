package io.tidemill.contract;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RiskModeTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {"risk_mode":"high"}                  | high
                    {"a":{"risk_mode":"x"},"risk_mode":1} | 1
                    {"risk_mode":true}                    | true
                    {"risk_mode":false}                   | false
                    {"risk_mode":-0}                      | 0
                    {"risk_mode":1.0}                     | 1
                    {"risk_mode":1E2}                     | 100
                    {"risk_mode":9007199254740991}        | 9007199254740991
                    {"risk_mode":-9007199254740991}       | -9007199254740991
                    """)
    void stringsBooleansAndWholeNumbersCount(String properties, String expected) {
        assertThat(RiskMode.of(event(RiskMode.EVENT_TYPE, properties))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {"risk_mode":null}
                    {"risk_mode":1.5}
                    {"risk_mode":9007199254740992}
                    {"risk_mode":["high"]}
                    {"risk_mode":{"is":"high"}}
                    {"other":"high"}
                    {}
                    """)
    void otherValuesDoNotCount(String properties) {
        assertThat(RiskMode.of(event(RiskMode.EVENT_TYPE, properties))).isNull();
    }

    @Test
    void onlyItsOwnEventTypeCounts() {
        assertThat(RiskMode.of(event("page_viewed", "{\"risk_mode\":\"high\"}"))).isNull();
        assertThat(RiskMode.of(event(RiskMode.EVENT_TYPE, null))).isNull();
    }

    @Test
    void longStringsAreCutByCodePoint() {
        String clef = "\uD834\uDD1E";
        String properties = "{\"risk_mode\":\"" + clef.repeat(201) + "\"}";

        assertThat(RiskMode.of(event(RiskMode.EVENT_TYPE, properties))).isEqualTo(clef.repeat(200));
    }

    private static Event event(String type, @Nullable String properties) {
        return new Event(
                "p",
                "e",
                type,
                "u",
                null,
                null,
                null,
                false,
                properties == null ? null : JsonText.of(properties),
                null,
                null,
                null,
                0,
                0,
                null);
    }
}
