package io.tidemill.guarantees.bugs;

import io.tidemill.guarantees.processes.Jvm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Mistakes that Tidemill doesn't make, planted in a copy of its classes: a judge that finds none
/// of them is worth nothing. No jar that people run holds a switch for any.
public enum SeededBug {
    ACKNOWLEDGED_BY_ONE_BROKER(
            Patch.text("io.tidemill.ingest.ProducerSettings", "all", "1"),
            // Asked for explicitly, it would insist on all.
            Patch.text(
                    "io.tidemill.ingest.ProducerSettings", "enable.idempotence", "not.a.setting")),
    ACKNOWLEDGED_BEFORE_THE_BROKER(
            Patch.result(
                    "io.tidemill.ingest.KafkaEventPublisher", "publish", "acknowledgedAtOnce")),
    OFFSETS_OUTSIDE_THE_TRANSACTION(
            Patch.result("io.tidemill.sink.OffsetTable", "advance", "committedFirst")),
    NO_DEDUPE(Patch.alwaysTrue("io.tidemill.rollup.SeenStore", "first")),
    NO_COMPARE_AND_SET(withoutComparing()),
    NO_MARK_BY_THE_WRITER(
            Patch.text(
                    "io.tidemill.sink.HourOwners",
                    """
                    INSERT INTO pipeline.hour_marks (project_id, hour)
                    SELECT project_id, hour
                      FROM pipeline.raw_hours
                    """,
                    """
                    INSERT INTO pipeline.hour_marks (project_id, hour)
                    SELECT project_id, hour
                      FROM (SELECT * FROM pipeline.raw_hours LIMIT 0) AS nothing
                    """)),
    REVISION_IGNORED(
            Patch.text(
                    "io.tidemill.sink.RollupTable",
                    "WHERE known.revision < EXCLUDED.revision",
                    "")),
    COMMITS_NOT_WAITED_FOR_AND_OFFSETS_ELSEWHERE(
            withoutComparing()[0],
            withoutComparing()[1],
            withoutComparing()[2],
            Patch.result("io.tidemill.sink.OffsetTable", "advance", "notWaitedFor"),
            Patch.result("io.tidemill.sink.OffsetTable", "read", "readElsewhere"),
            Patch.result("io.tidemill.sink.BatchWriter", "write", "keptElsewhere"));

    @SuppressWarnings("ImmutableEnumChecker") // A copy that can't be changed.
    private final List<Patch> patches;

    SeededBug(Patch... patches) {
        this.patches = List.of(patches);
    }

    /// Writes the changed classes, and gives a Java that runs them instead of the sound ones.
    ///
    /// @param folder its own
    public Jvm plant(Path folder, Jvm sound) throws IOException {
        Map<String, byte[]> classes = new HashMap<>();
        for (Patch patch : patches) {
            byte[] before = classes.get(patch.resource());
            classes.put(patch.resource(), patch.apply(before == null ? patch.original() : before));
        }
        for (Map.Entry<String, byte[]> changed : classes.entrySet()) {
            Patch.write(folder, changed.getKey(), changed.getValue());
        }
        Patch helper = new Patch(Planted.class.getName(), null);
        Patch.write(folder, helper.resource(), helper.original());
        Planted.writePlace(folder);
        return sound.before(folder);
    }

    private static Patch[] withoutComparing() {
        String offsets = "io.tidemill.sink.OffsetTable";
        return new Patch[] {
            Patch.text(offsets, "next_offset = $5", "$5::bigint IS NOT NULL"),
            Patch.text(
                    offsets,
                    "ON CONFLICT (consumer, topic, partition) DO NOTHING",
                    "ON CONFLICT (consumer, topic, partition) DO UPDATE SET next_offset ="
                            + " EXCLUDED.next_offset"),
            Patch.text(
                    offsets,
                    "partition = $3 AND next_offset = $4",
                    "partition = $3 AND $4::bigint IS NOT NULL")
        };
    }
}
