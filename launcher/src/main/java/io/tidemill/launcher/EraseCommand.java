package io.tidemill.launcher;

import io.tidemill.contract.Erasure;
import io.tidemill.contract.ErasureCodec;
import io.tidemill.contract.Topics;
import io.tidemill.runtime.Env;
import io.tidemill.runtime.KafkaConnection;
import io.tidemill.runtime.StartupException;
import io.tidemill.sink.ErasureRecords;
import io.tidemill.sink.ErasureRecords.ErasureRecord;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/// `tidemill erase`: a user's events go, and stay gone.
@Command(
        name = "erase",
        description = {
            "Removes the events of a user, now and whenever topics are read again: what was received"
                    + " up to the end of this hour. The hours that they were in are counted anew, and"
                    + " the user leaves the retention cohorts.",
            "The record of it is put on the topic `erasures` first: what this command waits for then"
                    + " is done also when the command is stopped. Kafka itself keeps events for"
                    + " another 7 days at most.",
            "Without --user, lists what was done in the project."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "%nExit code:%n",
        exitCodeList = {
            "0:the events are gone and their hours counted anew",
            "1:Kafka or the database can't be reached"
        })
final class EraseCommand implements Callable<Integer> {

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(250);
    private static final int LOOKS_BEFORE_ADVICE = 60;
    private static final int LONGEST_ID = 255;

    @Option(
            names = "--project",
            paramLabel = "PROJECT",
            required = true,
            description = "The user's project.")
    private String project = "";

    @Option(
            names = "--user",
            paramLabel = "USER",
            description = "The user's id, as events name it.")
    private @Nullable String user;

    @Option(names = "--json", description = "Print one JSON object instead of lines.")
    private boolean json;

    private final Env env;
    private final PrintStream out = System.out;
    private final PrintStream err = System.err;

    /// What a look may find.
    @FunctionalInterface
    private interface Look<T> {
        Optional<T> look() throws SQLException;
    }

    EraseCommand() {
        this(Env.ofProcess());
    }

    EraseCommand(Env env) {
        this.env = env;
    }

    @Override
    public Integer call() throws InterruptedException {
        String name = user;
        return RunningServers.inPostgres(
                env,
                connection -> name == null ? list(connection) : erase(connection, checked(name)));
    }

    private static String checked(String name) {
        if (name.isEmpty()
                || name.codePointCount(0, name.length()) > LONGEST_ID
                || name.indexOf('\0') >= 0) {
            throw new StartupException("no event can name such a user");
        }
        return name;
    }

    private int list(Connection connection) throws SQLException {
        List<ErasureRecord> records = new ErasureRecords(connection).list(project);
        if (json) {
            Map<String, Object> report = new LinkedHashMap<>();
            report.put("erasures", records.stream().map(EraseCommand::fields).toList());
            out.println(JsonMapper.shared().writeValueAsString(report));
        } else {
            records.forEach(record -> out.println(line(record)));
        }
        return 0;
    }

    private int erase(Connection connection, String name)
            throws SQLException, InterruptedException {
        ErasureRecords records = new ErasureRecords(connection);
        RecordMetadata place = announce(records.upToNow(project, name));
        ErasureRecord done =
                await(
                        "the events are not gone yet",
                        () ->
                                records.done(
                                        project,
                                        name,
                                        place.topic(),
                                        place.partition(),
                                        place.offset()));
        long lastMark = records.lastMark();
        await(
                "hours wait to be counted anew",
                () ->
                        records.markedHours(project, lastMark) == 0
                                ? Optional.of(done)
                                : Optional.empty());
        out.println(json ? JsonMapper.shared().writeValueAsString(fields(done)) : line(done));
        return 0;
    }

    private RecordMetadata announce(Erasure erasure) throws InterruptedException {
        KafkaConnection kafka = RunningServers.kafka(env);
        try (RecordSender sender = new RecordSender(kafka)) {
            return sender.send(
                    new ProducerRecord<>(
                            new Topics(kafka.topicPrefix()).erasures(),
                            ErasureCodec.encodeKey(erasure),
                            ErasureCodec.encodeValue(erasure)));
        }
    }

    private <T> T await(String what, Look<T> look) throws SQLException, InterruptedException {
        Optional<T> found = look.look();
        for (int looks = 1; found.isEmpty(); looks++) {
            if (looks % LOOKS_BEFORE_ADVICE == 0) {
                err.println(what + ": does a sink run?");
            }
            Thread.sleep(BETWEEN_LOOKS);
            found = look.look();
        }
        return found.get();
    }

    private static String line(ErasureRecord record) {
        return "%s of %s: %,d events of %,d hours and %,d records set aside are gone%s; what was received before %s stays away"
                .formatted(
                        record.userId(),
                        record.projectId(),
                        record.events(),
                        record.hours(),
                        record.rejected(),
                        record.doneAt() == null ? ", more to come" : "",
                        record.receivedBefore());
    }

    private static Map<String, Object> fields(ErasureRecord record) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("project_id", record.projectId());
        fields.put("user_id", record.userId());
        fields.put("received_before", record.receivedBefore().toString());
        fields.put("recorded_at", record.recordedAt().toString());
        fields.put("done_at", record.doneAt() == null ? null : record.doneAt().toString());
        fields.put("events", record.events());
        fields.put("hours", record.hours());
        fields.put("rejected", record.rejected());
        return fields;
    }
}
