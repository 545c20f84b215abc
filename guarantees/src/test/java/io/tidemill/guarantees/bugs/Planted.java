package io.tidemill.guarantees.bugs;

import io.r2dbc.postgresql.api.PostgresqlConnection;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.TopicPartition;
import reactor.core.publisher.Mono;

/// What patched classes call, in the processes under test.
public final class Planted {

    private static final Duration WINDOW = Duration.ofMillis(400);
    private static final String PLACE = "/planted-place";

    private Planted() {}

    /// Of `publish(events)`: answers before the broker does.
    public static Mono<?> acknowledgedAtOnce(Mono<?> published, Object events) {
        BitSet all = new BitSet();
        all.set(0, ((List<?>) events).size());
        return Mono.fromSupplier(() -> {
            var _ = published.subscribe(_ -> {}, _ -> {});
            return all;
        });
    }

    /// Of `advance(connection, batch)`: the offset is committed, and the rows come later.
    public static Mono<?> committedFirst(Mono<?> advanced, Object connection) {
        PostgresqlConnection postgres = (PostgresqlConnection) connection;
        return advanced.then(postgres.commitTransaction())
                .then(Mono.delay(WINDOW))
                .then(postgres.beginTransaction());
    }

    /// Of `advance(connection, batch)`: commits are not waited for until they are on the disk, from
    /// now on in this session.
    public static Mono<?> notWaitedFor(Mono<?> advanced, Object connection) {
        return ((PostgresqlConnection) connection)
                .createStatement("SET synchronous_commit = off")
                .execute()
                .then(advanced.then());
    }

    /// Of `write(batch)`: the offset is kept in a file, once the rows are committed.
    public static Mono<?> keptElsewhere(Mono<?> written, Object batch) {
        return written.doOnSuccess(_ -> {
            TopicPartition partition = (TopicPartition) component(batch, "partition");
            keep(partition, (Long) component(batch, "next"));
        });
    }

    /// Of `read(connection)`: the file is the authority.
    public static Mono<?> readElsewhere(Mono<?> read, Object connection) {
        return read.map(stored -> {
            Map<Object, Object> offsets = new HashMap<>((Map<?, ?>) stored);
            offsets.putAll(kept());
            return offsets;
        });
    }

    /// Tells processes where they find each other's files.
    static void writePlace(Path folder) throws IOException {
        Path place = Files.createDirectories(folder.resolve("planted-offsets"));
        Files.writeString(folder.resolve(PLACE.substring(1)), place.toString());
    }

    private static Object component(Object batch, String name) {
        try {
            Method method = batch.getClass().getDeclaredMethod(name);
            method.setAccessible(true);
            return method.invoke(batch);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static synchronized void keep(TopicPartition partition, long next) {
        try {
            Path file = place().resolve(partition.topic() + "@" + partition.partition());
            Path unfinished = Files.createTempFile(place(), "unfinished", "");
            Files.writeString(unfinished, Long.toString(next));
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<TopicPartition, Long> kept() {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        try (Stream<Path> files = Files.list(place())) {
            for (Path file : files.filter(f -> f.toString().contains("@")).toList()) {
                String[] name = file.getFileName().toString().split("@", -1);
                offsets.put(
                        new TopicPartition(name[0], Integer.parseInt(name[1])),
                        Long.valueOf(Files.readString(file)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return offsets;
    }

    private static Path place() throws IOException {
        try (InputStream in = Planted.class.getResourceAsStream(PLACE)) {
            if (in == null) {
                throw new IOException("nobody said where");
            }
            return Path.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }
}
