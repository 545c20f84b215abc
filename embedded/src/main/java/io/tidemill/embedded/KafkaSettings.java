package io.tidemill.embedded;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// The settings of a broker that is alone: one copy of everything, few threads, small buffers.
public final class KafkaSettings {

    static final int NODE_ID = 1;
    static final String CONTROLLER = "CONTROLLER";

    /// What any single broker needs, wherever it runs.
    public static final Map<String, String> SINGLE_BROKER =
            Map.ofEntries(
                    Map.entry("auto.create.topics.enable", "false"),
                    Map.entry("default.replication.factor", "1"),
                    Map.entry("min.insync.replicas", "1"),
                    Map.entry("offsets.topic.replication.factor", "1"),
                    Map.entry("offsets.topic.num.partitions", "4"),
                    Map.entry("transaction.state.log.replication.factor", "1"),
                    Map.entry("transaction.state.log.min.isr", "1"),
                    Map.entry("transaction.state.log.num.partitions", "4"),
                    Map.entry("share.coordinator.state.topic.replication.factor", "1"),
                    Map.entry("share.coordinator.state.topic.min.isr", "1"),
                    Map.entry("share.coordinator.state.topic.num.partitions", "1"),
                    // Nobody waits for group members that don't exist.
                    Map.entry("group.initial.rebalance.delay.ms", "0"),
                    // A producer that was killed holds up readers of committed records until its
                    // transaction has timed out and this look at it has come round.
                    Map.entry(
                            "transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000"));

    private static final Map<String, String> SMALL_FOOTPRINT =
            Map.of(
                    "num.network.threads", "2",
                    "num.io.threads", "4",
                    "background.threads", "2",
                    "num.recovery.threads.per.data.dir", "2",
                    "log.cleaner.dedupe.buffer.size", "4194304",
                    "auto.leader.rebalance.enable", "false",
                    // After a kill the broker waits for the session of its former self to end.
                    "broker.session.timeout.ms", "3000",
                    "broker.heartbeat.interval.ms", "500",
                    // Each of these writes a record to the metadata log, for nobody but followers.
                    "metadata.max.idle.interval.ms", "5000");

    private KafkaSettings() {}

    static Map<String, String> ofAnyOnThisMachine() {
        Map<String, String> settings = new HashMap<>(SINGLE_BROKER);
        settings.putAll(SMALL_FOOTPRINT);
        settings.put("process.roles", "broker,controller");
        settings.put("controller.listener.names", CONTROLLER);
        return settings;
    }

    static Map<String, String> embedded(Path directory, int port, int controllerPort) {
        String broker = LocalPort.HOST + ":" + port;
        String controller = LocalPort.HOST + ":" + controllerPort;
        Map<String, String> settings = ofAnyOnThisMachine();
        settings.put("node.id", Integer.toString(NODE_ID));
        settings.put("controller.quorum.voters", NODE_ID + "@" + controller);
        settings.put("inter.broker.listener.name", "BROKER");
        settings.put("listeners", "BROKER://" + broker + "," + CONTROLLER + "://" + controller);
        settings.put("advertised.listeners", "BROKER://" + broker);
        settings.put(
                "listener.security.protocol.map", "BROKER:PLAINTEXT," + CONTROLLER + ":PLAINTEXT");
        settings.put("log.dirs", directory.toString());
        return settings;
    }
}
