package io.tidemill.guarantees.processes;

import java.util.HashMap;
import java.util.Map;

/// What child processes find in their environment: nothing of Tidemill's that this one has.
final class Environment {

    private Environment() {}

    static Map<String, String> plain() {
        Map<String, String> environment = new HashMap<>(new ProcessBuilder().environment());
        environment.keySet().removeIf(name -> name.startsWith("TIDEMILL_"));
        return environment;
    }

    static Map<String, String> with(Map<String, String> settings) {
        Map<String, String> environment = plain();
        environment.putAll(settings);
        return environment;
    }
}
