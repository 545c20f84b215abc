package io.tidemill.projects;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One tenant.
///
/// @param ingestDisabled takes no events; reads go on
/// @param rawRetention of its events; null as the sink's settings say
/// @param rollupRetention of its rollups and cohorts; null as the sink's settings say
public record Project(
        String id,
        boolean ingestDisabled,
        RateLimits limits,
        @Nullable Retention rawRetention,
        @Nullable Retention rollupRetention,
        List<ProjectKey> keys) {

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

    /// @throws IllegalArgumentException when the id is not as it should be
    public Project {
        keys = List.copyOf(keys);
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException(
                    "the name of a project is 1 to 100 letters, digits, dots, _ and -, and begins"
                            + " with a letter or digit");
        }
    }

    /// One without keys, limits and windows of its own.
    public static Project named(String id) {
        return new Project(id, false, RateLimits.UNLIMITED, null, null, List.of());
    }

    Project with(ProjectKey key) {
        List<ProjectKey> more = new ArrayList<>(keys);
        more.add(key);
        return withKeys(more);
    }

    Project withoutKeys(Predicate<ProjectKey> which) {
        return withKeys(keys.stream().filter(which.negate()).toList());
    }

    private Project withKeys(List<ProjectKey> others) {
        return new Project(id, ingestDisabled, limits, rawRetention, rollupRetention, others);
    }
}
