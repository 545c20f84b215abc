package io.tidemill.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidemill.contract.Topics;
import io.tidemill.runtime.Env;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.StartupException;
import io.tidemill.sink.RejectedRecords;
import io.tidemill.sink.RejectedRecords.Origin;
import io.tidemill.sink.RejectedRecords.RejectedRecord;
import java.io.PrintStream;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `tidemill rejected`: records that the sink could not store.
@Command(
        name = "rejected",
        description = {
            "Lists, shows and puts back the records that the sink had to set aside.",
            "Needs the database of TIDEMILL_POSTGRES_URL as its owner, or that of `up` on this"
                    + " machine. A record is named by where it stood: tidemill.events-0@123."
        },
        mixinStandardHelpOptions = true)
final class RejectedCommand {

    private static final int ALL = 1_000_000;

    private final Env env;
    private final PrintStream out = System.out;
    private final PrintStream err = System.err;

    RejectedCommand() {
        this(Env.ofProcess());
    }

    RejectedCommand(Env env) {
        this.env = env;
    }

    @Command(
            name = "list",
            description = "The newest ones first, a line each.",
            mixinStandardHelpOptions = true)
    int list(
            @Option(
                            names = "--reason",
                            paramLabel = "CODE",
                            description = "Only those with this reason.")
                    @Nullable String reason,
            @Option(
                            names = "--limit",
                            paramLabel = "N",
                            defaultValue = "100",
                            description = "At most so many; default: ${DEFAULT-VALUE}.")
                    int limit,
            @Option(names = "--json", description = "Print one JSON object.") boolean json)
            throws InterruptedException {
        List<RejectedRecord> records =
                RunningServers.inPostgres(
                        env,
                        connection ->
                                new RejectedRecords(connection).list(reason, Math.max(1, limit)));
        if (json) {
            out.println(RejectedList.json(records));
        } else {
            records.stream().map(RejectedList::line).forEach(out::println);
        }
        return 0;
    }

    @Command(
            name = "show",
            description = "All there is of one: the event, if it can be read, else its bytes.",
            mixinStandardHelpOptions = true)
    int show(
            @Parameters(paramLabel = "RECORD", description = "As `list` names it.") String name,
            @Option(names = "--json", description = "Print one JSON object, bytes as base64.")
                    boolean json)
            throws InterruptedException {
        RejectedRecord record =
                RunningServers.inPostgres(
                        env, connection -> find(new RejectedRecords(connection), origin(name)));
        if (json) {
            out.println(RejectedList.json(record));
        } else {
            RejectedList.details(record).forEach(out::println);
        }
        return 0;
    }

    @Command(
            name = "replay",
            description = {
                "Puts events back on their topic, with the bytes that they had: all parts meet them"
                        + " as if they had been sent again, and count each once.",
                "One that is set aside again is listed again, with the record that it repeats. Those"
                        + " that were put back before are left out, unless they are named."
            },
            mixinStandardHelpOptions = true,
            exitCodeListHeading = "%nExit code:%n",
            exitCodeList = {"0:all were put back", "1:one can't be, or Kafka can't be reached"})
    int replay(
            @Parameters(
                            paramLabel = "RECORD",
                            arity = "0..*",
                            description = "As `list` names them.")
                    @Nullable List<String> names,
            @Option(names = "--all", description = "All that were not put back yet.") boolean all,
            @Option(
                            names = "--reason",
                            paramLabel = "CODE",
                            description = "All with this reason that were not put back yet.")
                    @Nullable String reason)
            throws InterruptedException {
        List<String> named = names == null ? List.of() : names;
        if (named.isEmpty() == (!all && reason == null)) {
            throw new StartupException("name records, or say --all or --reason");
        }
        return RunningServers.inPostgres(
                env,
                connection -> {
                    RejectedRecords records = new RejectedRecords(connection);
                    return replay(records, chosen(records, named, reason));
                });
    }

    private int replay(RejectedRecords records, List<RejectedRecord> chosen)
            throws SQLException, InterruptedException {
        KafkaConnection kafka = RunningServers.kafka(env);
        String events = new Topics(kafka.topicPrefix()).events();
        int replayed = 0;
        try (RecordSender sender = new RecordSender(kafka)) {
            for (RejectedRecord record : chosen) {
                String obstacle = obstacle(record, events);
                if (!obstacle.isEmpty()) {
                    err.println(record.origin() + " stays: " + obstacle);
                    continue;
                }
                // First on the topic, then on record: stopped in between, it comes twice and
                // counts once.
                RecordMetadata place = sender.send(again(record));
                records.replayed(
                        record.origin(),
                        new Origin(place.topic(), place.partition(), place.offset()));
                replayed++;
            }
        }
        out.printf("%,d of %,d records put back%n", replayed, chosen.size());
        return replayed == chosen.size() ? 0 : 1;
    }

    private static List<RejectedRecord> chosen(
            RejectedRecords records, List<String> named, @Nullable String reason)
            throws SQLException {
        if (named.isEmpty()) {
            return records.notReplayed(reason, ALL);
        }
        List<RejectedRecord> chosen = new ArrayList<>();
        for (String name : named) {
            chosen.add(find(records, origin(name)));
        }
        return chosen;
    }

    /// Why it can't be put back; empty when it can.
    private static String obstacle(RejectedRecord record, String events) {
        if (record.isErased()) {
            return "its user is erased, and nothing of it is kept";
        }
        if (!record.origin().topic().equals(events)) {
            return "only records of " + events + " are put back: rollups can be rebuilt";
        }
        return "";
    }

    private static ProducerRecord<byte[], byte[]> again(RejectedRecord record) {
        ProducerRecord<byte[], byte[]> again =
                new ProducerRecord<>(record.origin().topic(), record.key(), record.value());
        again.headers()
                .add(RejectedRecords.REPLAY_HEADER, record.origin().toString().getBytes(UTF_8));
        return again;
    }

    private static RejectedRecord find(RejectedRecords records, Origin origin) throws SQLException {
        return records.find(origin)
                .orElseThrow(() -> new StartupException("no record " + origin + " was set aside"));
    }

    private static Origin origin(String name) {
        try {
            return Origin.parse(name);
        } catch (IllegalArgumentException e) {
            throw new StartupException(String.valueOf(e.getMessage()), e);
        }
    }
}
