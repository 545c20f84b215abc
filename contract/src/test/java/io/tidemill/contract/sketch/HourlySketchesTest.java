package io.tidemill.contract.sketch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.contract.Hash128;
import io.tidemill.contract.MalformedRecordException;
import io.tidemill.contract.RollupCodec;
import io.tidemill.contract.RollupKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HourlySketchesTest {

    private static final HourlySketches SKETCHES =
            new HourlySketches("shop", 1_760_749_200_000L, 7, sketchOf(), sketchOf("ann", "bob"));

    @Test
    void theBytesAreThoseOfTheDocumentedExample() {
        assertThat(new String(RollupCodec.encodeKey(SKETCHES.key()), StandardCharsets.UTF_8))
                .isEqualTo(
                        """
                        {"project_id":"shop","hour":"2025-10-18T01:00:00Z","part":"sketches"}\
                        """);
        assertThat(HexFormat.ofDelimiter(" ").formatHex(SKETCHES.bytes()))
                .isEqualTo(
                        "01 00 00 00 00 00 00 00 07 02 01 00 12 01 00 2f 27 77 c6 a1 09 43 46 3a 2a 44 8d 40 c3 b8 19");
    }

    @Test
    void sketchesSurviveTheRoundTrip() {
        RollupKey key = SKETCHES.key();

        HourlySketches read = HourlySketches.of(key, SKETCHES.bytes());

        assertThat(read.key()).isEqualTo(key);
        assertThat(read.revision()).isEqualTo(7);
        assertThat(read.sessions().estimate()).isZero();
        assertThat(read.users().estimate()).isEqualTo(2);
        assertThat(read.bytes()).isEqualTo(SKETCHES.bytes());
    }

    @Test
    void noRecordHasMoreBytesThanItMay() {
        UniqueSketch largest = new UniqueSketch();
        Random random = new Random(1);
        for (int i = 0; i < 2_000; i++) {
            largest.add(new Hash128(random.nextLong(), 0));
        }
        largest.add(new Hash128(0, 0));
        HourlySketches sketches = new HourlySketches("shop", 0, Long.MAX_VALUE, largest, largest);

        assertThat(sketches.bytes()).hasSizeBetween(200_000, HourlySketches.MAX_BYTES);
        assertThat(HourlySketches.MAX_BYTES).isLessThan(512 << 10);
        assertThat(HourlySketches.of(sketches.key(), sketches.bytes()).bytes())
                .isEqualTo(sketches.bytes());
    }

    @Test
    void whatIsNotSuchAValueIsRefused() {
        byte[] whole = SKETCHES.bytes();
        for (int length = 0; length < whole.length; length++) {
            refused(Arrays.copyOf(whole, length));
        }
        refused(Arrays.copyOf(whole, whole.length + 1));
        byte[] otherVersion = whole.clone();
        otherVersion[0] = 2;
        refused(otherVersion);
    }

    private static void refused(byte[] bytes) {
        assertThatThrownBy(() -> HourlySketches.of(SKETCHES.key(), bytes))
                .isInstanceOf(MalformedRecordException.class);
    }

    private static UniqueSketch sketchOf(String... users) {
        UniqueSketch sketch = new UniqueSketch();
        for (String user : users) {
            sketch.add(Hash128.of("shop", user));
        }
        return sketch;
    }
}
