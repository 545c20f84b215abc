package io.tidemill.guarantees.processes;

import io.tidemill.storage.PostgresUrl;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/// Everything that is under test: brokers, Postgres, two instances of each part, and one of each
/// that may join them.
public final class Deployment implements AutoCloseable {

    private static final List<String> PARTS = List.of("gateway", "streams", "sink");
    private static final int STEADY = 2;
    private static final int WITH_SPARE = 3;
    private static final Duration READY_WITHIN = Duration.ofMinutes(5);
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(250);

    private final Kafka kafka;
    private final PostgresServer postgresServer;
    private final PostgresUrl postgres;
    private final List<Instance> instances = new ArrayList<>();
    private final List<Link> links = new ArrayList<>();
    private final List<Integer> gatewayPorts = new ArrayList<>();
    private final Map<String, String> keys;
    private final List<SmallDisk> disks;
    private final Jvm jvm;
    private final Path folder;
    private final HttpClient client = HttpClient.newHttpClient();

    private Deployment(
            Kafka kafka,
            PostgresServer postgresServer,
            PostgresUrl postgres,
            Map<String, String> keys,
            List<SmallDisk> disks,
            Jvm jvm,
            Path folder) {
        this.kafka = kafka;
        this.postgresServer = postgresServer;
        this.postgres = postgres;
        this.keys = keys;
        this.disks = List.copyOf(disks);
        this.jvm = jvm;
        this.folder = folder;
        links.addAll(kafka.links());
    }

    /// Starts everything, and returns when it is ready. Takes a minute.
    ///
    /// @param brokers 1 or 3
    /// @param folder empty; all data and logs
    public static Deployment start(int brokers, List<String> projects, Jvm jvm, Path folder)
            throws InterruptedException {
        FreePorts free = new FreePorts();
        List<String> clients =
                PARTS.stream()
                        .flatMap(part ->
                                Stream.iterate(1, i -> i <= WITH_SPARE, i -> i + 1)
                                        .map(i -> part + "-" + i))
                        .toList();
        List<SmallDisk> disks = disks(brokers, folder);
        Kafka kafka = new Kafka(brokers, clients, free, jvm, folder);
        kafka.brokers().forEach(ManagedProcess::start);
        PostgresServer server = new PostgresServer(free.next(), jvm, folder);
        server.minder().start();
        Deployment deployment =
                new Deployment(
                        kafka,
                        server,
                        server.awaitUrl(),
                        ProjectKeys.create(projects, jvm, folder),
                        disks,
                        jvm,
                        folder);
        Runtime.getRuntime().addShutdownHook(new Thread(deployment::close, "deployment-close"));
        try {
            deployment.startParts(free, jvm, folder);
            return deployment;
        } catch (RuntimeException | InterruptedException e) {
            deployment.close();
            throw e;
        }
    }

    public List<ManagedProcess> brokers() {
        return kafka.brokers();
    }

    public PostgresServer postgresServer() {
        return postgresServer;
    }

    /// Those that run, and those that may join.
    public List<Instance> instances() {
        return List.copyOf(instances);
    }

    /// Those that are meant to run now.
    public List<Instance> members() {
        return instances.stream().filter(instance -> instance.process().isWanted()).toList();
    }

    public List<Link> links() {
        return List.copyOf(links);
    }

    /// That can be filled; none when this user may not mount any.
    public List<SmallDisk> disks() {
        return disks;
    }

    public List<ManagedProcess> processes() {
        List<ManagedProcess> all = new ArrayList<>(kafka.brokers());
        all.add(postgresServer.minder());
        instances.forEach(instance -> all.add(instance.process()));
        return all;
    }

    /// Kafka as the harness reaches it, past all links.
    public String bootstrap() {
        return kafka.bootstrap();
    }

    /// Postgres as the harness reaches it, past all links.
    public PostgresUrl postgres() {
        return postgres;
    }

    /// Ports of gateways, each behind a link.
    public List<Integer> gatewayPorts() {
        return List.copyOf(gatewayPorts);
    }

    /// Write keys by project.
    public Map<String, String> keys() {
        return Map.copyOf(keys);
    }

    /// Hours that differ, by `tidemill verify`, in words.
    public List<String> verify() throws InterruptedException {
        String json =
                new CommandLine(jvm, folder.resolve("verify.log"))
                        .run(
                                Map.of("TIDEMILL_POSTGRES_URL", Parts.address(postgres)),
                                List.of("verify", "--json"));
        List<String> different = new ArrayList<>();
        for (var hour : JsonMapper.shared().readTree(json).path("hours")) {
            if (hour.path("status").asString().equals("different")) {
                different.add(hour.toString());
            }
        }
        return different;
    }

    /// Members that don't say that they are ready, in words.
    public List<String> unready() throws InterruptedException {
        List<String> unready = new ArrayList<>();
        for (Instance instance : members()) {
            String answer = readiness(instance);
            if (!answer.isEmpty()) {
                unready.add(instance.name() + ": " + answer);
            }
        }
        return unready;
    }

    /// Ends everything the hard way. Idempotent.
    @Override
    public void close() {
        processes().forEach(ManagedProcess::close);
        postgresServer.killServer();
        links.forEach(Link::close);
        disks.forEach(SmallDisk::unmount);
        client.close();
    }

    private void startParts(FreePorts free, Jvm jvm, Path folder) throws InterruptedException {
        Parts parts = new Parts(jvm, folder, free);
        for (String part : PARTS) {
            for (int i = 1; i <= WITH_SPARE; i++) {
                String name = part + "-" + i;
                Instance instance =
                        parts.make(part, name, kafka.bootstrap(name), postgresOf(part, name, free));
                instances.add(instance);
                if (i <= STEADY) {
                    instance.process().start();
                }
                if (part.equals("gateway") && i <= STEADY) {
                    int port = free.next();
                    links.add(Link.open("senders to " + name, port, instance.httpPort()));
                    gatewayPorts.add(port);
                }
            }
        }
        long deadline = System.nanoTime() + READY_WITHIN.toNanos();
        while (!unready().isEmpty()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("not ready in time; logs are in " + folder);
            }
            Thread.sleep(BETWEEN_LOOKS);
        }
    }

    private static List<SmallDisk> disks(int brokers, Path folder) throws InterruptedException {
        List<SmallDisk> disks = new ArrayList<>();
        SmallDisk.mount(folder.resolve("postgres")).ifPresent(disks::add);
        for (int node = 1; node <= brokers; node++) {
            SmallDisk.mount(folder.resolve("kafka-" + node)).ifPresent(disks::add);
        }
        return disks;
    }

    private PostgresUrl postgresOf(String part, String name, FreePorts free) {
        if (!part.equals("sink")) {
            return postgres;
        }
        int port = free.next();
        links.add(Link.open(name + " to postgres", port, postgres.port()));
        return new PostgresUrl(
                "127.0.0.1", port, postgres.database(), postgres.user(), postgres.password());
    }

    private String readiness(Instance instance) throws InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(
                                URI.create("http://127.0.0.1:" + instance.httpPort() + "/readyz"))
                        .timeout(Duration.ofSeconds(5))
                        .build();
        try {
            HttpResponse<String> response =
                    client.send(request, HttpResponse.BodyHandlers.ofString());
            return response.statusCode() == 200
                    ? ""
                    : response.statusCode() + " " + response.body();
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
