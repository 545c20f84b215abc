package io.tidemill.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ErasureCodecTest {

    private static final Erasure ANN = new Erasure("shop", "ann", millis("2025-10-18T02:00:00Z"));
    private static final byte[] KEY = ErasureCodec.encodeKey(ANN);
    private static final byte[] VALUE = ErasureCodec.encodeValue(ANN);

    @Test
    void aRecordSurvivesTheRoundTrip() {
        assertThat(ErasureCodec.decode(KEY, VALUE)).isEqualTo(ANN);
    }

    @Test
    void theBytesAreThoseOfTheDocumentedExample() {
        assertThat(new String(KEY, UTF_8))
                .isEqualTo("{\"project_id\":\"shop\",\"user_id\":\"ann\"}");
        assertThat(new String(VALUE, UTF_8))
                .isEqualTo("{\"version\":1,\"received_before\":\"2025-10-18T02:00:00Z\"}");
    }

    @Test
    void anyUserIdSurvivesTheRoundTrip() {
        Erasure odd = new Erasure("shop", "\"\\ \uD83D\uDE00", ANN.receivedBeforeMillis());

        assertThat(ErasureCodec.decode(ErasureCodec.encodeKey(odd), VALUE)).isEqualTo(odd);
    }

    @Test
    void anErasureKeepsOneKeyWhateverItsInstant() {
        Erasure later = new Erasure("shop", "ann", millis("2025-10-19T02:00:00Z"));

        assertThat(ErasureCodec.encodeKey(later)).isEqualTo(KEY);
    }

    @ParameterizedTest
    @CsvSource({
        "2025-10-18T01:00:00Z, 2025-10-18T02:00:00Z",
        "2025-10-18T01:30:00Z, 2025-10-18T02:00:00Z",
        "2025-10-18T01:58:59.999Z, 2025-10-18T02:00:00Z",
        "2025-10-18T01:59:00Z, 2025-10-18T03:00:00Z",
        "1969-12-31T23:30:00Z, 1970-01-01T00:00:00Z"
    })
    void anErasureReachesToTheEndOfItsHourAndAMinuteAtLeast(String now, String receivedBefore) {
        assertThat(Erasure.upTo("shop", "ann", millis(now)).receivedBeforeMillis())
                .isEqualTo(millis(receivedBefore));
    }

    @Test
    void coversWhatWasReceivedBeforeItsInstantOfItsUserAlone() {
        long instant = ANN.receivedBeforeMillis();

        assertThat(ANN.covers(event("shop", "ann", instant - 1))).isTrue();
        assertThat(ANN.covers(event("shop", "ann", instant))).isFalse();
        assertThat(ANN.covers(event("shop", "bob", instant - 1))).isFalse();
        assertThat(ANN.covers(event("blog", "ann", instant - 1))).isFalse();
        assertThat(ANN.covers(event("shop", null, instant - 1))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "{}",
                "[]",
                "{\"version\":2,\"received_before\":\"2025-10-18T02:00:00Z\"}",
                "{\"version\":1,\"received_before\":\"2025-10-18T02:00:01Z\"}",
                "{\"version\":1,\"received_before\":\"soon\"}"
            })
    void whatIsNotAnErasureIsRefused(String bytes) {
        assertThatThrownBy(() -> ErasureCodec.decode(KEY, bytes.getBytes(UTF_8)))
                .isInstanceOf(MalformedRecordException.class);
        assertThatThrownBy(() -> ErasureCodec.decode(bytes.getBytes(UTF_8), VALUE))
                .isInstanceOf(MalformedRecordException.class);
    }

    private static long millis(String instant) {
        return Instant.parse(instant).toEpochMilli();
    }

    private static Event event(String project, @Nullable String user, long receivedAtMillis) {
        return new Event(
                project,
                "1",
                "t",
                user,
                "s",
                null,
                null,
                false,
                null,
                null,
                null,
                null,
                receivedAtMillis,
                receivedAtMillis,
                null);
    }
}
