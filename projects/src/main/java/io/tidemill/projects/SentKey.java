package io.tidemill.projects;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// The key that a request names in its headers, `Authorization: Bearer` or `X-Api-Key`.
public final class SentKey {

    public static final String HEADER = "X-Api-Key";

    private static final String SCHEME = "Bearer ";

    /// Opens nothing: a secret is longer.
    private static final String AMBIGUOUS = "";

    private SentKey() {}

    /// Two that differ count as one that nobody has. Another scheme than Bearer is for somebody in
    /// between, such as a proxy, and no key.
    ///
    /// @param authorization all values of that header
    /// @param apiKey all values of {@link #HEADER}
    /// @return empty when there is none
    public static Optional<String> in(List<String> authorization, List<String> apiKey) {
        Set<String> keys = new TreeSet<>();
        for (String value : authorization) {
            if (value.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
                keys.add(value.substring(SCHEME.length()).strip());
            }
        }
        apiKey.forEach(value -> keys.add(value.strip()));
        keys.remove("");
        if (keys.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(keys.size() == 1 ? keys.iterator().next() : AMBIGUOUS);
    }
}
