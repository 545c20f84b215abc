package io.tidemill.projects;

import java.time.Instant;
import java.util.Set;

/// Keys for tests, each made of a secret that the test knows.
final class Keys {

    static final Instant MADE_AT = Instant.parse("2025-10-18T01:00:00Z");

    private Keys() {}

    static ProjectKey writing(String id, String secret) {
        return new ProjectKey(id, KeyHash.of(secret), Set.of(KeyUse.WRITE), MADE_AT, "");
    }

    static ProjectKey reading(String id, String secret) {
        return new ProjectKey(id, KeyHash.of(secret), Set.of(KeyUse.READ), MADE_AT, "");
    }
}
