package io.tidemill.guarantees.processes;

import io.tidemill.embedded.KafkaMember;
import io.tidemill.embedded.KafkaMember.Listener;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.Uuid;

/// One broker or three, each a process with a listener, and so a link, for each client.
final class Kafka {

    private static final int HEAP_MEGABYTES = 400;

    /// Among the brokers themselves, and for the harness: not to be spoilt.
    private static final String BROKERS = "BROKERS";

    private static final String HARNESS = "HARNESS";

    private final List<ManagedProcess> brokers = new ArrayList<>();
    private final List<Link> links = new ArrayList<>();
    private final Map<String, List<Integer>> ports = new HashMap<>();

    /// @param clients names, such as `sink-1`
    Kafka(int count, List<String> clients, FreePorts free, Jvm jvm, Path folder) {
        Map<Integer, Integer> controllers = new LinkedHashMap<>();
        for (int node = 1; node <= count; node++) {
            controllers.put(node, free.next());
        }
        String cluster = Uuid.randomUuid().toString();
        for (int node = 1; node <= count; node++) {
            String name = "kafka-" + node;
            List<Listener> listeners = listeners(name, clients, free);
            KafkaMember member = new KafkaMember(node, cluster, controllers, listeners);
            brokers.add(
                    new ManagedProcess(
                            name,
                            jvm.command(
                                    HEAP_MEGABYTES,
                                    BrokerProcess.class.getName(),
                                    BrokerProcess.arguments(folder.resolve(name), member)),
                            Environment.plain(),
                            folder.resolve(name + ".log")));
        }
    }

    List<ManagedProcess> brokers() {
        return List.copyOf(brokers);
    }

    List<Link> links() {
        return List.copyOf(links);
    }

    /// Where the harness itself connects, past all links.
    String bootstrap() {
        return bootstrap(HARNESS);
    }

    String bootstrap(String client) {
        return ports.getOrDefault(listenerName(client), List.of()).stream()
                .map(port -> "127.0.0.1:" + port)
                .collect(Collectors.joining(","));
    }

    private List<Listener> listeners(String broker, List<String> clients, FreePorts free) {
        List<Listener> listeners = new ArrayList<>();
        for (String direct : List.of(BROKERS, HARNESS)) {
            int port = free.next();
            listeners.add(new Listener(direct, port, port));
            note(direct, port);
        }
        for (String client : clients) {
            int port = free.next();
            int advertised = free.next();
            listeners.add(new Listener(listenerName(client), port, advertised));
            links.add(Link.open(client + " to " + broker, advertised, port));
            note(listenerName(client), advertised);
        }
        return listeners;
    }

    private void note(String listener, int port) {
        ports.computeIfAbsent(listener, _ -> new ArrayList<>()).add(port);
    }

    private static String listenerName(String client) {
        return client.replace("-", "").toUpperCase(java.util.Locale.ROOT);
    }
}
