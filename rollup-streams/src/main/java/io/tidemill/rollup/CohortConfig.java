package io.tidemill.rollup;

import io.tidemill.runtime.Env;
import io.tidemill.runtime.Setting;
import java.util.List;

/// The settings of the retention cohorts; all else they share with the rollups beside them.
///
/// @param threads that process, in this instance
public record CohortConfig(int threads) {

    public static final Setting<Integer> THREADS =
            Setting.integer(
                    "TIDEMILL_COHORT_THREADS",
                    1,
                    1,
                    64,
                    "threads that process the retention cohorts, per instance");

    public static final List<Setting<?>> SETTINGS = List.of(THREADS);

    public static CohortConfig from(Env env) {
        return new CohortConfig(env.get(THREADS));
    }
}
