package io.tidemill.launcher;

import io.tidemill.contract.settings.CountingSettings;
import io.tidemill.contract.settings.Dimension;
import io.tidemill.contract.settings.InvalidCountingSettingsException;
import io.tidemill.contract.settings.Measure;
import io.tidemill.contract.settings.SettingsCodec;
import io.tidemill.contract.settings.SettingsHistory;
import io.tidemill.contract.settings.SettingsReader;
import io.tidemill.contract.settings.SettingsVersion;
import io.tidemill.runtime.Env;
import io.tidemill.runtime.InvalidSettingsException;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.StartupException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.function.Function;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `tidemill settings`: which dimensions and measures are counted beside the built-in ones.
@Command(
        name = "settings",
        description = {
            "Dimensions and measures that are counted beside event_type, tool and risk_mode.",
            "They are versions on a topic, which every part reads. An hour is counted by the"
                    + " version that held for it."
        },
        mixinStandardHelpOptions = true)
final class SettingsCommand {

    private final PrintStream out = System.out;

    @Command(
            name = "apply",
            description = {
                "Makes a file the next version. It holds from the second full hour on, and takes"
                        + " the place of the version before: what is not in it is counted no more.",
                "A file is a JSON object, such as:",
                "  {\"dimensions\": [{\"name\": \"model\", \"path\": \"model\"}],",
                "   \"measures\": [{\"name\": \"cost_usd\", \"path\": \"cost_usd\", \"by\":"
                        + " [\"model\"]}]}",
                "A path leads to a property; a dot leads into an object. A dimension or a measure"
                        + " may have an event_type; a measure may have `where`, values that properties"
                        + " must have, and a `factor`."
            },
            mixinStandardHelpOptions = true)
    int apply(
            @Parameters(paramLabel = "FILE", description = "The settings.") Path file,
            @Option(names = "--json", description = "Print one JSON object.") boolean json) {
        CountingSettings settings = read(file);
        SettingsVersion applied = withLog(log -> log.apply(settings, Instant.now().toEpochMilli()));
        if (json) {
            out.println(SettingsCodec.json(applied));
        } else {
            out.println(headline(applied));
        }
        return 0;
    }

    @Command(
            name = "show",
            description = "Shows the newest version; with --all, all of them.",
            mixinStandardHelpOptions = true)
    int show(
            @Option(names = "--all", description = "Show all versions.") boolean all,
            @Option(names = "--json", description = "Print JSON, one object a line.")
                    boolean json) {
        SettingsHistory history = withLog(SettingsLog::read);
        if (history.versions().isEmpty() && !json) {
            out.println("nothing was applied: event_type, tool and risk_mode are counted");
        }
        int first = all ? 0 : Math.max(0, history.versions().size() - 1);
        history.versions().stream().skip(first).forEach(version -> show(version, json));
        return 0;
    }

    private void show(SettingsVersion version, boolean json) {
        if (json) {
            out.println(SettingsCodec.json(version));
            return;
        }
        out.println(headline(version));
        for (Dimension dimension : version.settings().dimensions()) {
            out.println(
                    "  dimension "
                            + dimension.name()
                            + " from properties."
                            + dimension.path()
                            + ofType(dimension.eventType()));
        }
        for (Measure measure : version.settings().measures()) {
            out.println(
                    "  measure "
                            + measure.name()
                            + " from properties."
                            + measure.path()
                            + ofType(measure.eventType())
                            + (measure.where().isEmpty() ? "" : " where " + measure.where())
                            + (measure.by().isEmpty()
                                    ? ""
                                    : " by " + String.join(", ", measure.by())));
        }
    }

    private static String headline(SettingsVersion version) {
        return "version "
                + version.version()
                + " holds from "
                + Instant.ofEpochMilli(version.fromHourMillis());
    }

    private static String ofType(@Nullable String eventType) {
        return eventType == null ? "" : " of events " + eventType;
    }

    private static CountingSettings read(Path file) {
        try {
            return SettingsReader.read(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new StartupException("can't read " + file + ": " + Reasons.firstLine(e), e);
        } catch (InvalidCountingSettingsException e) {
            throw new InvalidSettingsException(
                    e.problems().stream().map(problem -> file + ": " + problem).toList());
        }
    }

    private static <T> T withLog(Function<SettingsLog, T> use) {
        Env env = Env.ofProcess();
        KafkaConnection kafka = env.read(() -> KafkaConnection.from(env));
        try {
            return use.apply(new SettingsLog(kafka));
        } catch (KafkaException e) {
            throw KafkaAnswers.refusal(kafka, e);
        }
    }
}
