package io.tidemill.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.LocalDate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CohortCodecTest {

    private static final CohortCount COUNT =
            new CohortCount(
                    new CohortCell("shop", LocalDate.parse("2025-10-18").toEpochDay(), 7), 3, 12);
    private static final byte[] KEY = CohortCodec.encodeKey(COUNT.cell());
    private static final byte[] VALUE = CohortCodec.encodeValue(COUNT);

    @Test
    void aRecordSurvivesTheRoundTrip() {
        assertThat(CohortCodec.decode(KEY, VALUE)).isEqualTo(COUNT);
    }

    @Test
    void theBytesAreThoseOfTheDocumentedExample() {
        assertThat(new String(KEY, UTF_8))
                .isEqualTo(
                        "{\"project_id\":\"shop\",\"cohort_day\":\"2025-10-18\",\"day_number\":7}");
        assertThat(new String(VALUE, UTF_8))
                .isEqualTo("{\"version\":1,\"revision\":12,\"users\":3}");
    }

    @Test
    void allCellsOfACohortShareAPartition() {
        CohortCell cell = COUNT.cell();

        for (int day = 0; day <= CohortCell.LAST_DAY_NUMBER; day++) {
            assertThat(new CohortCell("shop", cell.cohortDay(), day).partition(64))
                    .isEqualTo(cell.partition(64));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "{}",
                "{\"project_id\":\"shop\",\"cohort_day\":\"2025-10-18\",\"day_number\":91}",
                "{\"project_id\":\"shop\",\"cohort_day\":\"2025-10-18\",\"day_number\":-1}",
                "{\"project_id\":\"shop\",\"cohort_day\":\"2025-02-30\",\"day_number\":1}"
            })
    void whatIsNotACellIsRefused(String key) {
        assertThatThrownBy(() -> CohortCodec.decode(key.getBytes(UTF_8), VALUE))
                .isInstanceOf(MalformedRecordException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "{}",
                "{\"version\":2,\"revision\":12,\"users\":3}",
                "{\"version\":1,\"revision\":12,\"users\":-1}",
                "{\"version\":1,\"users\":3}"
            })
    void whatIsNotACountIsRefused(String value) {
        assertThatThrownBy(() -> CohortCodec.decode(KEY, value.getBytes(UTF_8)))
                .isInstanceOf(MalformedRecordException.class);
    }
}
