package io.tidemill.projects;

import java.time.Instant;
import java.util.Set;
import java.util.regex.Pattern;

/// A key of a project, without the secret.
///
/// @param id names it to people, such as `k_8f14e45f`; no part of the secret
/// @param uses at least one
/// @param label what its holder is called; may be empty
public record ProjectKey(
        String id, KeyHash hash, Set<KeyUse> uses, Instant createdAt, String label) {

    static final int MAX_LABEL_LENGTH = 100;

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,40}");

    /// @throws IllegalArgumentException when an id or a label is not as it should be, or there is
    ///   no use
    public ProjectKey {
        uses = Set.copyOf(uses);
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException(
                    "the id of a key is 1 to 40 letters, digits, _ and -");
        }
        if (uses.isEmpty()) {
            throw new IllegalArgumentException("a key is for writing, for reading or for both");
        }
        if (label.length() > MAX_LABEL_LENGTH || label.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "the label of a key is up to "
                            + MAX_LABEL_LENGTH
                            + " characters, without control characters");
        }
    }
}
