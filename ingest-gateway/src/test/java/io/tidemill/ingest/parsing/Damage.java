package io.tidemill.ingest.parsing;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/// Damages bytes as lines, disks and attackers do.
final class Damage {

    private static final String[] SCRAPS = {
        "00",
        "ff",
        "c0af",
        "eda080",
        "f4908080",
        "efbbbf",
        "22",
        "5c",
        "7b",
        "7d",
        "5b",
        "5d",
        "2c",
        "3a",
        "0a",
        "0d",
        "20",
        "5c7530303030",
        "5c7564383030",
        "2f2f"
    };

    private Damage() {}

    /// The bytes with one damage: some of them turned, dropped, repeated, or others put between.
    static byte[] of(byte[] bytes, RandomGenerator random) {
        int at = random.nextInt(bytes.length + 1);
        int end = Math.min(bytes.length, at + random.nextInt(8));
        byte[] between =
                switch (random.nextInt(4)) {
                    case 0 -> new byte[0];
                    case 1 -> HexFormat.of().parseHex(SCRAPS[random.nextInt(SCRAPS.length)]);
                    case 2 -> twice(Arrays.copyOfRange(bytes, at, end));
                    default -> {
                        byte[] turned = Arrays.copyOfRange(bytes, at, end);
                        random.nextBytes(turned);
                        yield turned;
                    }
                };
        byte[] damaged = new byte[at + between.length + bytes.length - end];
        System.arraycopy(bytes, 0, damaged, 0, at);
        System.arraycopy(between, 0, damaged, at, between.length);
        System.arraycopy(bytes, end, damaged, at + between.length, bytes.length - end);
        return damaged;
    }

    private static byte[] twice(byte[] bytes) {
        byte[] twice = Arrays.copyOf(bytes, 2 * bytes.length);
        System.arraycopy(bytes, 0, twice, bytes.length, bytes.length);
        return twice;
    }
}
