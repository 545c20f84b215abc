package io.tidemill.embedded;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/// One broker of a cluster on this machine, each its own process: for tests of what several brokers
/// do together. With three, everything has three copies, two of which must have a record before it
/// is acknowledged.
///
/// @param nodeId from 1; its member's own
/// @param clusterId the same in all members, a Kafka uuid
/// @param controllerPorts of 127.0.0.1, by node; the same in all members
/// @param listeners the first is for the brokers among themselves
public record KafkaMember(
        int nodeId,
        String clusterId,
        Map<Integer, Integer> controllerPorts,
        List<Listener> listeners) {

    private static final int COPIES_OF_A_CLUSTER = 3;

    /// Where clients come in. They are told another port than the broker's own when something lies
    /// between them and it.
    ///
    /// @param name capital letters and digits
    /// @param port where the broker listens
    /// @param advertisedPort where clients are told to connect to
    public record Listener(String name, int port, int advertisedPort) {}

    public KafkaMember {
        controllerPorts = Map.copyOf(controllerPorts);
        listeners = List.copyOf(listeners);
        if (listeners.isEmpty() || !controllerPorts.containsKey(nodeId)) {
            throw new IllegalArgumentException("a member has a listener and a controller's port");
        }
    }

    Map<String, String> settings(String directory) {
        Map<String, String> settings = new HashMap<>(KafkaSettings.ofAnyOnThisMachine());
        if (controllerPorts.size() >= COPIES_OF_A_CLUSTER) {
            settings.put("default.replication.factor", "3");
            settings.put("min.insync.replicas", "2");
            settings.put("offsets.topic.replication.factor", "3");
            settings.put("transaction.state.log.replication.factor", "3");
            settings.put("transaction.state.log.min.isr", "2");
            settings.put("share.coordinator.state.topic.replication.factor", "3");
            settings.put("share.coordinator.state.topic.min.isr", "2");
            settings.put("auto.leader.rebalance.enable", "true");
        }
        settings.put("num.network.threads", "1");
        settings.put("node.id", Integer.toString(nodeId));
        settings.put(
                "controller.quorum.voters",
                controllerPorts.entrySet().stream()
                        .map(voter -> voter.getKey() + "@" + address(voter.getValue()))
                        .sorted()
                        .collect(Collectors.joining(",")));
        settings.put("inter.broker.listener.name", listeners.getFirst().name());
        settings.put(
                "listeners",
                listeners.stream()
                                .map(each -> each.name() + "://" + address(each.port()))
                                .collect(Collectors.joining(","))
                        + ","
                        + KafkaSettings.CONTROLLER
                        + "://"
                        + address(Objects.requireNonNull(controllerPorts.get(nodeId))));
        settings.put(
                "advertised.listeners",
                listeners.stream()
                        .map(each -> each.name() + "://" + address(each.advertisedPort()))
                        .collect(Collectors.joining(",")));
        settings.put(
                "listener.security.protocol.map",
                listeners.stream()
                                .map(each -> each.name() + ":PLAINTEXT")
                                .collect(Collectors.joining(","))
                        + ","
                        + KafkaSettings.CONTROLLER
                        + ":PLAINTEXT");
        settings.put("log.dirs", directory);
        return settings;
    }

    private static String address(int port) {
        return LocalPort.HOST + ":" + port;
    }
}
