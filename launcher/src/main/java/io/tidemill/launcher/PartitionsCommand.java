package io.tidemill.launcher;

import io.tidemill.contract.Topics;
import io.tidemill.runtime.Env;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.KafkaTopics;
import io.tidemill.runtime.StartupException;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `tidemill partitions`: gives `events` more partitions while everything runs.
@Command(
        name = "partitions",
        description = {
            "Shows how many partitions the topic `events` has, or gives it more.",
            "Gateways, streams and sinks go on running and take the new ones into use by"
                    + " themselves, within half a minute. There is no way back to fewer."
        },
        mixinStandardHelpOptions = true)
final class PartitionsCommand implements Callable<Integer> {

    private static final String EVENTS = "events";

    /// Kafka's own client makes many more at once, and each costs every reader a little.
    private static final int MOST = 10_000;

    @Parameters(paramLabel = "TOPIC", description = "The topic that may grow: events.")
    private String topic = "";

    @Option(names = "--set", paramLabel = "N", description = "How many it is to have.")
    private @Nullable Integer wanted;

    @Spec private @Nullable CommandSpec spec;

    private final PrintStream out = System.out;

    @Override
    public Integer call() throws InterruptedException {
        if (!topic.equals(EVENTS)) {
            throw wrong("only the topic events can be given more partitions, not " + topic);
        }
        if (wanted != null && (wanted < 1 || wanted > MOST)) {
            throw wrong("--set is not between 1 and " + MOST + ": " + wanted);
        }
        Env env = Env.ofProcess();
        out.println(grow(env.read(() -> KafkaConnection.from(env))));
        return 0;
    }

    private String grow(KafkaConnection kafka) throws InterruptedException {
        String name = new Topics(kafka.topicPrefix()).events();
        try (Admin admin = Admin.create(KafkaAnswers.config(kafka))) {
            int now = KafkaTopics.partitions(admin, name);
            if (wanted == null || wanted == now) {
                return name + " has " + now + " partitions";
            }
            if (wanted < now) {
                throw new StartupException(
                        name + " has " + now + " partitions, and can't have fewer");
            }
            KafkaTopics.grow(admin, name, wanted);
            return name + " has " + wanted + " partitions now, " + now + " before";
        } catch (ExecutionException | KafkaException e) {
            throw KafkaAnswers.refusal(kafka, e);
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec().commandLine(), message);
    }

    private CommandSpec spec() {
        if (spec == null) {
            throw new IllegalStateException("not run by the command line");
        }
        return spec;
    }
}
