package io.tidemill.rollup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemill.contract.Hash128;
import io.tidemill.contract.MalformedRecordException;
import io.tidemill.contract.settings.Extracted;
import io.tidemill.contract.settings.Extracted.Counted;
import io.tidemill.contract.settings.Extracted.Measured;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class BinaryRecordsTest {

    private static final ShardRecord RECORD =
            new ShardRecord(
                    Hash128.of("identity"),
                    -1,
                    "ty\u00dfe \ud83d\ude80",
                    "",
                    null,
                    null,
                    Hash128.of("session"),
                    12,
                    new Extracted(
                            List.of(new Counted("model", "gpt/4")),
                            List.of(
                                    new Measured(
                                            "cost",
                                            "",
                                            "",
                                            new BigDecimal("-0.000000000000000001"))),
                            0),
                    true);

    @Test
    void aShardRecordComesBackAsItWas() {
        // when
        byte[] bytes = ShardRecord.SERDE.serializer().serialize("shard", RECORD);

        // then
        assertThat(ShardRecord.SERDE.deserializer().deserialize("shard", bytes)).isEqualTo(RECORD);
    }

    @Test
    void anHourKeyComesBackAsItWas() {
        // given
        HourKey key = new HourKey("a project with a long name ".repeat(10), Long.MIN_VALUE);

        // when
        byte[] bytes = HourKey.SERDE.serializer().serialize("shard", key);

        // then
        assertThat(HourKey.SERDE.deserializer().deserialize("shard", bytes)).isEqualTo(key);
    }

    @Test
    void aNumberOfAnySizeComesBackAsItWas() {
        for (long number : new long[] {0, 1, 127, 128, 1L << 40, Long.MAX_VALUE, -1}) {
            // when
            byte[] bytes = new BinaryWriter().number(number).bytes();

            // then
            assertThat(new BinaryReader(bytes).number()).isEqualTo(number);
        }
    }

    @Test
    void aRecordCutShortAnywhereIsRefused() {
        // given
        byte[] bytes = ShardRecord.SERDE.serializer().serialize("shard", RECORD);

        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);

            // when then
            assertThatThrownBy(() -> ShardRecord.SERDE.deserializer().deserialize("shard", cut))
                    .isInstanceOf(MalformedRecordException.class);
        }
    }
}
