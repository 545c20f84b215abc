package io.tidemill.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.tidemill.ingest.parsing.RefusedException;
import io.tidemill.ingest.parsing.Rejection;
import io.tidemill.testkit.Fuzz;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What holds for every compressed body, whatever is in it.
class ContentEncodingFuzzTest {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int MAX_BYTES = 64 << 10;
    private static final long MAX_ALLOCATED = 8L * MAX_BYTES;

    @ParameterizedTest
    @EnumSource(
            value = ContentEncoding.class,
            names = {"GZIP", "DEFLATE", "ZSTD"})
    void aBodyIsDecodedOrRefusedWithinItsLimit(ContentEncoding encoding) {
        Fuzz.inputs(random -> {
            byte[] content = content(random);
            byte[] whole = compression(encoding, random).apply(content);
            byte[] body = damaged(whole, random);

            Object outcome = decode(encoding, body);
            // Of the second time: the first one may load classes.
            long before = THREADS.getCurrentThreadAllocatedBytes();
            Object again = decode(encoding, body);
            long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;

            assertThat(allocated).isLessThan(MAX_ALLOCATED);
            assertThat(again).isEqualTo(outcome);
            if (Arrays.equals(body, whole)) {
                assertThat(outcome)
                        .isEqualTo(
                                content.length > MAX_BYTES ? Rejection.REQUEST_TOO_LARGE : content);
            }
        });
    }

    /// The content, or why there is none.
    private static Object decode(ContentEncoding encoding, byte[] body) {
        try {
            byte[] content = encoding.decode(body, MAX_BYTES);
            assertThat(content).hasSizeLessThanOrEqualTo(MAX_BYTES);
            return content;
        } catch (RefusedException e) {
            assertThat(e.rejection())
                    .isIn(Rejection.CONTENT_ENCODING_BROKEN, Rejection.REQUEST_TOO_LARGE);
            return e.rejection();
        }
    }

    private static byte[] content(RandomGenerator random) {
        int length =
                switch (random.nextInt(10)) {
                    case 0 -> MAX_BYTES + random.nextInt(3) - 1;
                    case 1 -> random.nextInt(20 * MAX_BYTES);
                    default -> random.nextInt(2_000);
                };
        byte[] content = new byte[length];
        if (random.nextBoolean()) {
            random.nextBytes(content);
        }
        return content;
    }

    private static UnaryOperator<byte[]> compression(
            ContentEncoding encoding, RandomGenerator random) {
        return switch (encoding) {
            case GZIP -> Compressed::gzip;
            case DEFLATE -> random.nextBoolean() ? Compressed::zlib : Compressed::rawDeflate;
            case ZSTD -> Compressed::zstd;
            case IDENTITY -> UnaryOperator.identity();
        };
    }

    /// Cut short, turned, repeated, or left alone; near the beginning more often than behind.
    private static byte[] damaged(byte[] whole, RandomGenerator random) {
        byte[] body = whole.clone();
        int reach = random.nextBoolean() ? Math.min(32, body.length) : body.length;
        for (int i = random.nextInt(4); i > 0; i--) {
            body[random.nextInt(reach)] = (byte) random.nextInt();
        }
        return switch (random.nextInt(6)) {
            case 0 -> Arrays.copyOf(body, random.nextInt(body.length + 1));
            case 1 -> Arrays.copyOf(body, body.length + random.nextInt(20));
            case 2 -> {
                byte[] twice = Arrays.copyOf(body, 2 * body.length);
                System.arraycopy(body, 0, twice, body.length, body.length);
                yield twice;
            }
            default -> body;
        };
    }
}
