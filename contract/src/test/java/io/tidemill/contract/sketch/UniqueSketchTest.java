package io.tidemill.contract.sketch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tidemill.contract.Hash128;
import io.tidemill.contract.MalformedRecordException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UniqueSketchTest {

    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final int CASES = 1_000;
    private static final Hash128[] IDS = ids(60_000);

    @Test
    void upToAThousandIdsAreCountedExactly() {
        UniqueSketch sketch = new UniqueSketch();
        assertThat(sketch.estimate()).isZero();

        for (int i = 1; i <= UniqueSketch.EXACT; i++) {
            sketch.add(id(i));
            sketch.add(id(1 + i / 2));
            assertThat(sketch.estimate()).isEqualTo(i);
        }
    }

    @Test
    void oneIdMoreIsEstimatedByRegisters() {
        UniqueSketch sketch = sketchOf(0, UniqueSketch.EXACT + 1);

        assertThat(sketch.bytes()[1]).isEqualTo((byte) 1);
        assertThat(sketch.estimate()).isCloseTo(1_001L, within(15L));
    }

    /// Over sixty sets: within three of the standard errors that sixty sets of an error of 0.81 %
    /// leave.
    @ParameterizedTest
    @ValueSource(ints = {1_500, 10_000, 80_000})
    void theStandardErrorIsBelowOnePercent(int ids) {
        Random random = new Random(SEED);
        int sets = 60;
        double sum = 0;
        double squares = 0;
        for (int set = 0; set < sets; set++) {
            UniqueSketch sketch = new UniqueSketch();
            for (int i = 0; i < ids; i++) {
                sketch.add(new Hash128(random.nextLong(), 0));
            }
            double error = sketch.estimate() / (double) ids - 1;
            sum += error;
            squares += error * error;
        }
        assertThat(Math.sqrt(squares / sets)).as("-Dseed=%s", SEED).isLessThan(0.0104);
        assertThat(sum / sets).as("-Dseed=%s", SEED).isCloseTo(0, within(0.0032));
    }

    /// The set decides, and nothing else: order, repetition, grouping.
    @Test
    void anyOrderRepetitionAndGroupingGivesTheSameBytes() {
        for (int number = 0; number < CASES; number++) {
            // given
            Random random = new Random(SEED + number);
            int[] ids = random.ints(sizeNearTheLimit(random), 0, 3_000).toArray();
            UniqueSketch expected = new UniqueSketch();
            Arrays.stream(ids).distinct().sorted().forEach(id -> expected.add(id(id)));

            // when
            UniqueSketch[] parts = new UniqueSketch[1 + random.nextInt(5)];
            Arrays.setAll(parts, _ -> new UniqueSketch());
            for (int id : ids) {
                parts[random.nextInt(parts.length)].add(id(id));
                parts[random.nextInt(parts.length)].add(id(ids[random.nextInt(ids.length)]));
            }
            UniqueSketch merged = mergeAll(parts, random);

            // then
            assertThat(merged.bytes()).as("-Dseed=%s", SEED + number).isEqualTo(expected.bytes());
        }
    }

    @Test
    void addingIsAssociativeCommutativeAndIdempotent() {
        for (int number = 0; number < CASES; number++) {
            // given
            Random random = new Random(SEED + number);
            byte[] a = randomSketch(random);
            byte[] b = randomSketch(random);
            byte[] c = randomSketch(random);

            // then
            String seed = "-Dseed=" + (SEED + number);
            assertThat(sum(a, b)).as(seed).isEqualTo(sum(b, a));
            assertThat(sum(sum(a, b), c)).as(seed).isEqualTo(sum(a, sum(b, c)));
            assertThat(sum(a, a)).as(seed).isEqualTo(a);
            assertThat(sum(sum(a, b), b)).as(seed).isEqualTo(sum(a, b));
            assertThat(sum(a, new UniqueSketch().bytes())).as(seed).isEqualTo(a);
        }
    }

    @Test
    void theSketchAddedStaysAsItWas() {
        UniqueSketch small = sketchOf(0, 10);
        UniqueSketch large = sketchOf(0, 5_000);
        byte[] smallBefore = small.bytes();
        byte[] largeBefore = large.bytes();

        UniqueSketch sum = new UniqueSketch();
        sum.add(small);
        sum.add(large);
        sum.add(id(-1));

        assertThat(small.bytes()).isEqualTo(smallBefore);
        assertThat(large.bytes()).isEqualTo(largeBefore);
    }

    @Test
    void aSketchIsReadFromItsBytes() {
        for (int ids : new int[] {0, 1, 999, 1_000, 1_001, 50_000}) {
            byte[] bytes = sketchOf(0, ids).bytes();

            assertThat(UniqueSketch.of(bytes).bytes()).isEqualTo(bytes);
            assertThat(UniqueSketch.of(bytes).estimate()).isEqualTo(sketchOf(0, ids).estimate());
        }
    }

    @Test
    void theBytesAreThoseOfTheDocumentedExample() {
        UniqueSketch sketch = new UniqueSketch();
        sketch.add(Hash128.of("shop", "ann"));
        sketch.add(Hash128.of("shop", "bob"));

        // printf 'shop\0ann\0' | sha256sum
        assertThat(HexFormat.ofDelimiter(" ").formatHex(sketch.bytes()))
                .isEqualTo("01 00 2f 27 77 c6 a1 09 43 46 3a 2a 44 8d 40 c3 b8 19");
    }

    @Test
    void noSketchHasMoreBytesThanItMay() {
        // given the highest rank in one register, and any rank in the others
        UniqueSketch sketch = sketchOf(0, 20_000);
        sketch.add(new Hash128(0, 0));

        assertThat(UniqueSketch.MAX_BYTES).isEqualTo(104_450).isLessThan(512 << 10);
        assertThat(sketch.bytes()).hasSize(UniqueSketch.MAX_BYTES);
        assertThat(UniqueSketch.of(sketch.bytes()).estimate()).isEqualTo(sketch.estimate());
        assertThat(sketchOf(0, 1_000).bytes()).hasSize(8_002);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "01",
                "0200",
                "0102",
                "010001",
                "010000000000000000010000000000000001",
                "010000000000000000020000000000000001",
                "0101"
            })
    void whatIsNotASketchIsRefused(String hex) {
        assertThatThrownBy(() -> UniqueSketch.of(HexFormat.of().parseHex(hex)))
                .isInstanceOf(MalformedRecordException.class);
    }

    @Test
    void planesThatNoRegistersMakeAreRefused() {
        byte[] whole = sketchOf(0, 5_000).bytes();
        byte[] emptyPlane = new byte[whole.length + 2_048];
        System.arraycopy(whole, 0, emptyPlane, 0, 2);
        System.arraycopy(whole, 2, emptyPlane, 2 + 2_048, whole.length - 2);
        byte[] hole = whole.clone();
        Arrays.fill(hole, hole.length - 2_048, hole.length, (byte) 0);
        byte[] tooManyHashes = new byte[2 + 8 * (UniqueSketch.EXACT + 1)];
        tooManyHashes[0] = 1;

        for (byte[] bytes : new byte[][] {emptyPlane, hole, tooManyHashes}) {
            assertThatThrownBy(() -> UniqueSketch.of(bytes))
                    .isInstanceOf(MalformedRecordException.class);
        }
    }

    private static int sizeNearTheLimit(Random random) {
        return random.nextBoolean() ? 1 + random.nextInt(50) : 800 + random.nextInt(1_500);
    }

    private static UniqueSketch mergeAll(UniqueSketch[] parts, Random random) {
        Set<Integer> waiting = new HashSet<>();
        for (int i = 0; i < parts.length; i++) {
            waiting.add(i);
        }
        UniqueSketch merged = new UniqueSketch();
        while (!waiting.isEmpty()) {
            int next = random.nextInt(parts.length);
            merged.add(UniqueSketch.of(parts[next].bytes()));
            waiting.remove(next);
        }
        return merged;
    }

    private static byte[] randomSketch(Random random) {
        UniqueSketch sketch = new UniqueSketch();
        random.ints(sizeNearTheLimit(random), 0, 5_000).forEach(i -> sketch.add(id(i)));
        return sketch.bytes();
    }

    private static byte[] sum(byte[] one, byte[] other) {
        UniqueSketch sum = UniqueSketch.of(one);
        sum.add(UniqueSketch.of(other));
        return sum.bytes();
    }

    private static UniqueSketch sketchOf(int from, int to) {
        UniqueSketch sketch = new UniqueSketch();
        for (int i = from; i < to; i++) {
            sketch.add(id(i));
        }
        return sketch;
    }

    /// Hashed once: hashing is most of the time.
    private static Hash128[] ids(int count) {
        Hash128[] ids = new Hash128[count];
        Arrays.setAll(ids, i -> Hash128.of("shop", "user-" + i));
        return ids;
    }

    private static Hash128 id(int number) {
        return IDS[Math.floorMod(number, IDS.length)];
    }
}
