package io.tidemill.guarantees.load;

import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/// Where senders send, and the key that each project sends with.
///
/// @param ports of 127.0.0.1
/// @param keys by project
public record Gateways(List<Integer> ports, Map<String, String> keys) {

    public Gateways {
        ports = List.copyOf(ports);
        keys = Map.copyOf(keys);
    }

    int any(RandomGenerator random) {
        return ports.get(random.nextInt(ports.size()));
    }

    String key(String project) {
        String key = keys.get(project);
        if (key == null) {
            throw new IllegalArgumentException("no key of " + project);
        }
        return key;
    }
}
