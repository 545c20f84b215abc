package io.tidemill.ingest.parsing;

import static io.tidemill.ingest.parsing.Parsed.accepted;
import static io.tidemill.ingest.parsing.Parsed.lines;
import static io.tidemill.ingest.parsing.Parsed.rejected;
import static io.tidemill.ingest.parsing.Parsed.with;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// NDJSON: each line for itself.
class LinesTest {

    private static final String GOOD = with("");
    private static final String BAD = "{\"session_id\":\"s\"}";

    @Test
    void blankLinesDoNotCount() {
        // when
        List<Verdict> verdicts = lines("\n" + GOOD + "\r\n \t\r\n\n" + BAD + "\n\n  " + GOOD);

        // then
        assertThat(verdicts).hasSize(3);
        accepted(verdicts.get(0));
        rejected(verdicts.get(1));
        accepted(verdicts.get(2));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{\"event_type\":", "{}{}", "{} 1", "x", "\0", "}", "{\"a\":\"\\u00\"}"})
    void aBrokenLineIsRejectedAlone(String broken) {
        // when
        List<Verdict> verdicts = lines(GOOD + "\n" + broken + "\n" + GOOD);

        // then
        accepted(verdicts.get(0));
        assertThat(rejected(verdicts.get(1)).rejection()).isEqualTo(Rejection.MALFORMED_JSON);
        accepted(verdicts.get(2));
    }

    @Test
    void aLineNestedWithoutEndIsRejectedAlone() {
        // when
        List<Verdict> verdicts = lines("[".repeat(100_000) + "\n" + GOOD);

        // then
        assertThat(rejected(verdicts.get(0)).rejection()).isEqualTo(Rejection.TOO_DEEP);
        accepted(verdicts.get(1));
    }

    @Test
    void aLineThatIsNotUtf8IsRejectedAlone() {
        // given
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(quoted("ff"));
        body.writeBytes(("\n" + GOOD).getBytes(UTF_8));

        // when
        List<Verdict> verdicts = lines(body.toByteArray());

        // then
        assertThat(rejected(verdicts.get(0)).rejection()).isEqualTo(Rejection.INVALID_UTF8);
        accepted(verdicts.get(1));
    }

    @Test
    void anArrayOnALineIsNoEvent() {
        assertThat(rejected(lines("[" + GOOD + "]").getFirst()).rejection())
                .isEqualTo(Rejection.NOT_AN_OBJECT);
    }

    private static byte[] quoted(String hex) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes("{\"event_type\":\"".getBytes(UTF_8));
        body.writeBytes(HexFormat.of().parseHex(hex));
        body.writeBytes("\",\"session_id\":\"s\"}".getBytes(UTF_8));
        return body.toByteArray();
    }
}
