package io.tidemill.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DirtyHourCodecTest {

    private static final DirtyHour HOUR = new DirtyHour("shop", 1_760_749_200_000L, DirtyHour.LATE);
    private static final byte[] KEY = DirtyHourCodec.encodeKey(HOUR.projectId(), HOUR.hourMillis());
    private static final byte[] VALUE = DirtyHourCodec.encodeValue(HOUR.reason());

    @Test
    void aRecordSurvivesTheRoundTrip() {
        assertThat(DirtyHourCodec.decode(KEY, VALUE)).isEqualTo(HOUR);
    }

    @Test
    void theBytesAreThoseOfTheDocumentedExample() {
        assertThat(new String(KEY, UTF_8))
                .isEqualTo("{\"project_id\":\"shop\",\"hour\":\"2025-10-18T01:00:00Z\"}");
        assertThat(new String(VALUE, UTF_8)).isEqualTo("{\"version\":1,\"reason\":\"late\"}");
    }

    @Test
    void anHourFarOutsideTheCalendarIsStillAnHour() {
        long farAhead = Hours.startOf(Long.MAX_VALUE);

        byte[] key = DirtyHourCodec.encodeKey("shop", farAhead);

        assertThat(DirtyHourCodec.decode(key, VALUE).hourMillis()).isEqualTo(farAhead);
    }

    @Test
    void aMinuteIsNoHour() {
        byte[] key = DirtyHourCodec.encodeKey("shop", HOUR.hourMillis() + 60_000);

        assertThatThrownBy(() -> DirtyHourCodec.decode(key, VALUE))
                .isInstanceOf(MalformedRecordException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nonsense", "{}", "[]", "{\"version\":2,\"reason\":\"late\"}"})
    void whatIsNotAnAnnouncementIsRefused(String bytes) {
        assertThatThrownBy(() -> DirtyHourCodec.decode(KEY, bytes.getBytes(UTF_8)))
                .isInstanceOf(MalformedRecordException.class);
        assertThatThrownBy(() -> DirtyHourCodec.decode(bytes.getBytes(UTF_8), VALUE))
                .isInstanceOf(MalformedRecordException.class);
    }
}
