package io.tidemill.projects;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// The projects file as text: its JSON names stand here, and nowhere else.
final class ProjectsJson {

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .build();

    private ProjectsJson() {}

    /// @throws InvalidProjectsException naming the first thing that is wrong
    static Projects read(byte[] json) {
        JsonObject root = JsonObject.root(tree(json));
        return root.as(file -> Projects.of(file.members("projects", ProjectsJson::project)));
    }

    static byte[] write(Projects projects) {
        Map<String, Object> members = new LinkedHashMap<>();
        projects.all().forEach(project -> members.put(project.id(), fields(project)));
        return JSON.writeValueAsBytes(Map.of("projects", members));
    }

    private static JsonNode tree(byte[] json) {
        try {
            return JSON.readTree(json);
        } catch (JacksonException e) {
            TokenStreamLocation place = e.getLocation();
            // Its message may quote what stands there.
            throw new InvalidProjectsException(
                    place == null
                            ? "the file is no JSON"
                            : "the file is no JSON: line "
                                    + place.getLineNr()
                                    + ", column "
                                    + place.getColumnNr());
        }
    }

    private static Project project(JsonObject.Member member) {
        return member.value()
                .as(fields ->
                        new Project(
                                member.name(),
                                fields.flag("ingest_disabled"),
                                new RateLimits(
                                        fields.wholeNumber("events_per_second"),
                                        fields.wholeNumber("bytes_per_second")),
                                retention(fields.text("raw_retention")),
                                retention(fields.text("rollup_retention")),
                                fields.objects("keys").stream()
                                        .map(key -> key.as(ProjectsJson::key))
                                        .toList()));
    }

    private static ProjectKey key(JsonObject fields) {
        String label = fields.text("label");
        return new ProjectKey(
                fields.requiredText("id"),
                hash(fields.requiredText("sha256")),
                uses(fields.texts("uses")),
                instant(fields.requiredText("created_at")),
                label == null ? "" : label);
    }

    private static KeyHash hash(String hex) {
        try {
            return KeyHash.ofHex(hex);
        } catch (IllegalArgumentException _) {
            throw new IllegalArgumentException("sha256 is not 64 hexadecimal digits");
        }
    }

    private static Set<KeyUse> uses(List<String> labels) {
        Set<KeyUse> uses = EnumSet.noneOf(KeyUse.class);
        for (String label : labels) {
            switch (label) {
                case "write" -> uses.add(KeyUse.WRITE);
                case "read" -> uses.add(KeyUse.READ);
                default -> throw new IllegalArgumentException("uses are write and read");
            }
        }
        return uses;
    }

    private static Instant instant(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeException _) {
            throw new IllegalArgumentException(
                    "created_at is not a time like 2025-10-18T01:00:00Z");
        }
    }

    private static @Nullable Retention retention(@Nullable String text) {
        return text == null ? null : Retention.parse(text);
    }

    private static Map<String, Object> fields(Project project) {
        Map<String, Object> fields = new LinkedHashMap<>();
        if (project.ingestDisabled()) {
            fields.put("ingest_disabled", true);
        }
        putIfSet(fields, "events_per_second", project.limits().eventsPerSecond());
        putIfSet(fields, "bytes_per_second", project.limits().bytesPerSecond());
        putIfSet(fields, "raw_retention", text(project.rawRetention()));
        putIfSet(fields, "rollup_retention", text(project.rollupRetention()));
        List<Map<String, Object>> keys = new ArrayList<>();
        project.keys().forEach(key -> keys.add(fields(key)));
        fields.put("keys", keys);
        return fields;
    }

    private static Map<String, Object> fields(ProjectKey key) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("id", key.id());
        fields.put("sha256", key.hash().hex());
        fields.put("uses", key.uses().stream().sorted().map(KeyUse::label).toList());
        fields.put("created_at", key.createdAt().truncatedTo(ChronoUnit.SECONDS).toString());
        if (!key.label().isEmpty()) {
            fields.put("label", key.label());
        }
        return fields;
    }

    private static void putIfSet(Map<String, Object> fields, String name, @Nullable Object value) {
        if (value != null) {
            fields.put(name, value);
        }
    }

    private static @Nullable String text(@Nullable Retention retention) {
        return retention == null ? null : retention.text();
    }
}
