package io.tidemill.rollup;

import io.tidemill.runtime.Env;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.Metrics;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/// An instance of one of the applications in a process of its own, which can be killed.
final class RollupProcess implements AutoCloseable {

    private final Process process;

    private RollupProcess(Process process) {
        this.process = process;
    }

    static RollupProcess start(KafkaConnection kafka, Path stateDirectory, Path log)
            throws IOException {
        return start("rollups", kafka, stateDirectory, log);
    }

    static RollupProcess startCohorts(KafkaConnection kafka, Path stateDirectory, Path log)
            throws IOException {
        return start("cohorts", kafka, stateDirectory, log);
    }

    private static RollupProcess start(
            String application, KafkaConnection kafka, Path stateDirectory, Path log)
            throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        RollupProcess.class.getName(),
                        application);
        builder.environment()
                .putAll(
                        Map.of(
                                KafkaConnection.BOOTSTRAP.name(),
                                kafka.bootstrap(),
                                KafkaConnection.TOPIC_PREFIX.name(),
                                kafka.topicPrefix(),
                                RollupConfig.STATE_DIRECTORY.name(),
                                stateDirectory.toString(),
                                RollupConfig.SHARDS.name(),
                                "4",
                                RollupConfig.MERGE_PARTITIONS.name(),
                                "2",
                                RollupConfig.THREADS.name(),
                                "1"));
        builder.redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        return new RollupProcess(builder.start());
    }

    /// As `kill -9`.
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    public static void main(String[] arguments) throws InterruptedException {
        Env env = Env.ofProcess();
        RollupConfig config = RollupConfig.from(env);
        KafkaConnection kafka = KafkaConnection.from(env);
        if (arguments[0].equals("cohorts")) {
            CohortStreams.start(CohortConfig.from(env), config, kafka, Metrics.ofProcess());
        } else {
            RollupStreams.start(config, kafka, Metrics.ofProcess());
        }
        Thread.currentThread().join();
    }
}
