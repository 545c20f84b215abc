package io.tidemill.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class IdentityTest {

    @Test
    void identitiesThatDifferInOnePartHaveDifferentHashes() {
        EventIdentity identity = new EventIdentity("p", 1, "e");

        assertThat(identity.hash()).isEqualTo(new EventIdentity("p", 1, "e").hash());
        assertThat(identity.hash())
                .isNotEqualTo(new EventIdentity("p", 2, "e").hash())
                .isNotEqualTo(new EventIdentity("p1", 1, "e").hash())
                .isNotEqualTo(new EventIdentity("p", 1, "e2").hash());
    }

    @Test
    void hashesAreTheFirstHalfOfSha256() {
        // printf 'a\0' | sha256sum
        assertThat(HexFormat.of().formatHex(Hash128.of("a").bytes()))
                .isEqualTo("ffe9aaeaa2a2d5048174df0b80599ef0");
    }

    @Test
    void hoursStartBelowTheirInstantsAlsoBefore1970() {
        assertThat(Hours.startOf(3_600_000)).isEqualTo(3_600_000);
        assertThat(Hours.startOf(3_599_999)).isZero();
        assertThat(Hours.startOf(-1)).isEqualTo(-3_600_000);
    }

    @Test
    void shardsSpreadOverAllBuckets() {
        assertThat(
                        IntStream.range(0, 1000)
                                .map(i -> new RoutingKey("p", "user-" + i).shard(8))
                                .distinct()
                                .count())
                .isEqualTo(8);
    }
}
