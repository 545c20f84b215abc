package io.tidemill.guarantees.processes;

import io.tidemill.embedded.EmbeddedKafka;
import io.tidemill.embedded.KafkaMember;
import io.tidemill.runtime.StartupException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The main class of a broker that has a listener for each of its clients, so that something can
/// lie between them.
public final class BrokerProcess {

    private static final Logger log = LoggerFactory.getLogger(BrokerProcess.class);

    private BrokerProcess() {}

    /// @param arguments folder, node, cluster id, `node=port,…` of controllers, and
    ///   `NAME:port:advertised,…` of listeners
    public static void main(String[] arguments) throws InterruptedException {
        KafkaMember member =
                new KafkaMember(
                        Integer.parseInt(arguments[1]),
                        arguments[2],
                        controllers(arguments[3]),
                        listeners(arguments[4]));
        CountDownLatch ended = new CountDownLatch(1);
        EmbeddedKafka kafka;
        try {
            kafka = EmbeddedKafka.start(Path.of(arguments[0]), member);
        } catch (StartupException e) {
            log.error("no broker: {}", e.getMessage());
            Runtime.getRuntime().halt(1);
            return;
        }
        kafka.failure().thenAccept(_ -> Runtime.getRuntime().halt(1));
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(() -> {
                            kafka.close();
                            ended.countDown();
                        }));
        ended.await();
    }

    static List<String> arguments(Path folder, KafkaMember member) {
        return List.of(
                folder.toString(),
                Integer.toString(member.nodeId()),
                member.clusterId(),
                member.controllerPorts().entrySet().stream()
                        .map(voter -> voter.getKey() + "=" + voter.getValue())
                        .collect(Collectors.joining(",")),
                member.listeners().stream()
                        .map(each -> each.name() + ":" + each.port() + ":" + each.advertisedPort())
                        .collect(Collectors.joining(",")));
    }

    private static Map<Integer, Integer> controllers(String text) {
        return Stream.of(text.split(",", -1))
                .map(voter -> voter.split("=", -1))
                .collect(
                        Collectors.toMap(
                                voter -> Integer.valueOf(voter[0]),
                                voter -> Integer.valueOf(voter[1])));
    }

    private static List<KafkaMember.Listener> listeners(String text) {
        return Stream.of(text.split(",", -1))
                .map(listener -> listener.split(":", -1))
                .map(listener ->
                        new KafkaMember.Listener(
                                listener[0],
                                Integer.parseInt(listener[1]),
                                Integer.parseInt(listener[2])))
                .toList();
    }
}
