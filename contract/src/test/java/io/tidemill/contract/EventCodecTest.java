package io.tidemill.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class EventCodecTest {

    private static final Event FULL =
            new Event(
                    "shop",
                    "evt-1",
                    "risk_mode_changed",
                    "ann",
                    "s-1",
                    "editor",
                    "switch",
                    true,
                    JsonText.of("{\"risk_mode\":\"high\"}"),
                    JsonText.of("{\"sdk\":\"1.2\"}"),
                    "why?",
                    "because é",
                    1_760_749_200_123L,
                    1_760_749_201_000L,
                    -250L);

    private static final Event BARE =
            new Event(
                    "p", "e", "t", null, "s", null, null, false, null, null, null, null, -1, 2,
                    null);

    @Test
    void everyFieldSurvivesTheRoundTrip() {
        assertThat(EventCodec.decode(EventCodec.encode(FULL))).isEqualTo(FULL);
    }

    @Test
    void absentFieldsStayAbsent() {
        assertThat(EventCodec.decode(EventCodec.encode(BARE))).isEqualTo(BARE);
    }

    @Test
    void theBytesAreThoseOfTheDocumentedExample() {
        assertThat(HexFormat.of().formatHex(EventCodec.encode(BARE)))
                .isEqualTo(
                        "0100"
                                + "ffffffffffffffff"
                                + "0000000000000002"
                                + "0000000000000000"
                                + "0270"
                                + "0265"
                                + "0274"
                                + "00"
                                + "0273"
                                + "00".repeat(6));
    }

    @Test
    void longTextsHaveLengthsOfSeveralBytes() {
        Event event =
                new Event(
                        "p",
                        "e".repeat(200),
                        "t",
                        "u",
                        null,
                        null,
                        null,
                        false,
                        JsonText.of("\"" + "x".repeat(70_000) + "\""),
                        null,
                        null,
                        null,
                        1,
                        2,
                        null);

        assertThat(EventCodec.decode(EventCodec.encode(event))).isEqualTo(event);
    }

    @Test
    void everyCutIsRefused() {
        byte[] bytes = EventCodec.encode(FULL);
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> EventCodec.decode(cut))
                    .isInstanceOf(MalformedRecordException.class);
        }
    }

    @Test
    void trailingBytesAndUnknownVersionsAreRefused() {
        byte[] bytes = EventCodec.encode(FULL);
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
        byte[] newer = bytes.clone();
        newer[0] = 2;

        assertThatThrownBy(() -> EventCodec.decode(longer))
                .isInstanceOf(MalformedRecordException.class)
                .hasMessageContaining("trailing");
        assertThatThrownBy(() -> EventCodec.decode(newer))
                .isInstanceOf(MalformedRecordException.class)
                .hasMessageContaining("version 2");
    }

    @Test
    void hugeLengthsAreRefusedWithoutAllocatingThem() {
        byte[] bytes = EventCodec.encode(BARE);
        byte[] huge = Arrays.copyOf(bytes, 26 + 5);
        Arrays.fill(huge, 26, 30, (byte) 0xff);
        huge[30] = 0x07;

        assertThatThrownBy(() -> EventCodec.decode(huge))
                .isInstanceOf(MalformedRecordException.class);
    }

    @Test
    void invalidUtf8IsRefused() {
        byte[] bytes = EventCodec.encode(BARE);
        bytes[27] = (byte) 0xff;

        assertThatThrownBy(() -> EventCodec.decode(bytes))
                .isInstanceOf(MalformedRecordException.class)
                .hasMessageContaining("UTF-8");
    }
}
