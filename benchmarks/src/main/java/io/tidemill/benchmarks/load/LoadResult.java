package io.tidemill.benchmarks.load;

import java.util.Arrays;
import java.util.Locale;

/// What senders saw.
///
/// @param seconds that they sent for
/// @param micros how long each answered request took, sorted
/// @param refused answers other than 200
@SuppressWarnings("ArrayRecordComponent") // Large, and never compared.
record LoadResult(double seconds, int[] micros, long refused) {

    LoadResult {
        Arrays.sort(micros);
    }

    double perSecond() {
        return micros.length / seconds;
    }

    double millisAt(double quantile) {
        return micros.length == 0
                ? Double.NaN
                : micros[(int) Math.min(micros.length - 1, quantile * micros.length)] / 1_000.0;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%,9.0f requests/s   p50 %6.1f ms   p99 %6.1f ms   max %6.1f ms   refused %d",
                perSecond(),
                millisAt(0.5),
                millisAt(0.99),
                millisAt(1),
                refused);
    }
}
