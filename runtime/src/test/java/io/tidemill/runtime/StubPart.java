package io.tidemill.runtime;

import java.util.List;

/// A part that says what a test wants it to say.
record StubPart(String name, Health health, List<Route> routes) implements Part {

    static StubPart serving(Route... routes) {
        return new StubPart("stub", Health.UP, List.of(routes));
    }

    @Override
    public void close() {}
}
