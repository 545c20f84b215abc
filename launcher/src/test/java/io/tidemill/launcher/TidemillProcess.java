package io.tidemill.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The built command line, run as people run it: by the script, in a process of its own.
final class TidemillProcess implements AutoCloseable {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Process process;
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Thread reader;

    private TidemillProcess(Process process) {
        this.process = process;
        this.reader = Thread.ofVirtual().start(this::read);
    }

    static TidemillProcess start(Path folder, Map<String, String> environment, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(ROOT.resolve("tidemill").toString());
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("TIDEMILL_LIB", ROOT.resolve("launcher/target/lib").toString());
        builder.environment().putAll(environment);
        return new TidemillProcess(builder.start());
    }

    /// Ports that nobody listens on, for all of `up`.
    static Map<String, String> freePorts() throws IOException {
        return Map.of(
                "TIDEMILL_HTTP_PORT", freePort(),
                "TIDEMILL_KAFKA_PORT", freePort(),
                "TIDEMILL_POSTGRES_PORT", freePort());
    }

    static String freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            return Integer.toString(socket.getLocalPort());
        }
    }

    /// What it has printed so far, on stdout and stderr.
    List<String> lines() {
        return lines;
    }

    /// Waits for a line that starts so.
    String awaitLine(String start) {
        await("a line '" + start + "'")
                .atMost(PATIENCE)
                .conditionEvaluationListener(_ -> {})
                .until(() -> line(start).isPresent() || !process.isAlive());
        return line(start).orElseThrow(() -> new AssertionError("ended with " + lines));
    }

    int awaitExit() throws InterruptedException {
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("still running: " + lines);
        }
        reader.join();
        return process.exitValue();
    }

    /// SIGTERM.
    void terminate() {
        process.destroy();
    }

    /// kill -9 of the process, of everything it started, and of the Postgres whose data is there.
    void killEverything(Path dataDirectory) throws IOException {
        List<ProcessHandle> family = new ArrayList<>(process.descendants().toList());
        postmaster(dataDirectory)
                .ifPresent(postmaster -> {
                    family.addAll(postmaster.descendants().toList());
                    family.add(postmaster);
                });
        process.destroyForcibly();
        family.forEach(ProcessHandle::destroyForcibly);
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    private static Optional<ProcessHandle> postmaster(Path dataDirectory) throws IOException {
        Path file = dataDirectory.resolve("postgres/data/postmaster.pid");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try (Stream<String> content = Files.lines(file)) {
            return content.findFirst().map(Long::parseLong).flatMap(ProcessHandle::of);
        }
    }

    private Optional<String> line(String start) {
        return lines.stream().filter(line -> line.startsWith(start)).findFirst();
    }

    private void read() {
        try (BufferedReader output = process.inputReader(UTF_8)) {
            output.lines().forEach(lines::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (UncheckedIOException _) {
            // The stream was closed because the process was killed.
        }
    }
}
