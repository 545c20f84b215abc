package io.tidemill.launcher;

import io.tidemill.projects.KeyUse;
import io.tidemill.projects.Project;
import io.tidemill.projects.ProjectKey;
import io.tidemill.projects.Retention;
import io.tidemill.projects.Secret;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// Projects and keys, for people and for programs. Shows no secret but those just made.
final class KeyList {

    private KeyList() {}

    /// A key that was just made.
    record Created(ProjectKey key, Secret secret) {}

    /// A line a key, below a line of titles.
    static List<String> lines(List<Project> projects) {
        List<String> lines = new ArrayList<>();
        if (!projects.isEmpty()) {
            lines.add(row("PROJECT", "KEY", "USE", "CREATED", "LABEL"));
        }
        for (Project project : projects) {
            String name = project.id() + (project.ingestDisabled() ? " (ingest off)" : "");
            if (project.keys().isEmpty()) {
                lines.add(row(name, "-", "-", "-", ""));
            }
            for (ProjectKey key : project.keys()) {
                lines.add(row(name, key.id(), uses(key), createdAt(key), key.label()));
            }
        }
        return lines;
    }

    static String json(List<Project> projects) {
        return write(Map.of("projects", projects.stream().map(KeyList::fields).toList()));
    }

    static String json(String project, List<Created> created) {
        List<Map<String, Object>> keys = new ArrayList<>();
        for (Created one : created) {
            Map<String, Object> fields = fields(one.key());
            fields.put("secret", one.secret().reveal());
            keys.add(fields);
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("project", project);
        answer.put("keys", keys);
        return write(answer);
    }

    /// Such as `write` or `write,read`.
    static String uses(ProjectKey key) {
        return key.uses().stream().sorted().map(KeyUse::label).collect(Collectors.joining(","));
    }

    private static Map<String, @Nullable Object> fields(Project project) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("project", project.id());
        fields.put("ingest_disabled", project.ingestDisabled());
        fields.put("events_per_second", project.limits().eventsPerSecond());
        fields.put("bytes_per_second", project.limits().bytesPerSecond());
        fields.put("raw_retention", text(project.rawRetention()));
        fields.put("rollup_retention", text(project.rollupRetention()));
        fields.put("keys", project.keys().stream().map(KeyList::fields).toList());
        return fields;
    }

    private static Map<String, Object> fields(ProjectKey key) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("id", key.id());
        fields.put("uses", key.uses().stream().sorted().map(KeyUse::label).toList());
        fields.put("created_at", createdAt(key));
        fields.put("label", key.label());
        return fields;
    }

    private static @Nullable String text(@Nullable Retention retention) {
        return retention == null ? null : retention.text();
    }

    private static String createdAt(ProjectKey key) {
        return key.createdAt().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static String row(Object... cells) {
        return String.format(Locale.ROOT, "%-20s  %-12s  %-10s  %-20s  %s", cells).stripTrailing();
    }

    private static String write(Object value) {
        return JsonMapper.shared().writeValueAsString(value);
    }
}
