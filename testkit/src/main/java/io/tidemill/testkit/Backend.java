package io.tidemill.testkit;

/// Where tests get their servers from: the system property `testkit`.
enum Backend {
    EMBEDDED,
    CONTAINERS;

    static Backend selected() {
        String name = System.getProperty("testkit", "embedded");
        return switch (name) {
            case "embedded" -> EMBEDDED;
            case "containers" -> CONTAINERS;
            default ->
                    throw new IllegalArgumentException(
                            "testkit is neither embedded nor containers: " + name);
        };
    }
}
