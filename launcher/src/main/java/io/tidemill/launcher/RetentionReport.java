package io.tidemill.launcher;

import io.tidemill.sink.RetentionReview.Window;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/// The windows, for people and for programs.
///
/// @param confirmed whether the configured ones are in force from now on
record RetentionReport(List<Window> windows, boolean confirmed) {

    RetentionReport {
        windows = List.copyOf(windows);
    }

    /// A line a window.
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (Window window : windows) {
            lines.add(
                    String.format(
                            Locale.ROOT,
                            "%s of %s: %s",
                            of(window),
                            project(window),
                            state(window)));
        }
        return lines;
    }

    String json() {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("confirmed", confirmed);
        report.put("windows", windows.stream().map(RetentionReport::fields).toList());
        return JsonMapper.shared().writeValueAsString(report);
    }

    private String state(Window window) {
        String past =
                window.before()
                        .map(end ->
                                String.format(
                                        Locale.ROOT,
                                        "; %,d rows before %s are past it",
                                        window.rows(),
                                        end))
                        .orElse("");
        if (window.isShorter() && !confirmed) {
            return "kept "
                    + window.inForce().text()
                    + "; configured "
                    + window.configured().text()
                    + past
                    + "; --confirm puts it in force";
        }
        return "kept " + window.configured().text() + past;
    }

    private static String of(Window window) {
        return switch (window.of()) {
            case RAW_EVENTS -> "raw events";
            case ROLLUPS -> "rollups and cohorts";
        };
    }

    private static String project(Window window) {
        return window.projectId().isEmpty() ? "all other projects" : window.projectId();
    }

    private static Map<String, Object> fields(Window window) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("project_id", window.projectId());
        fields.put("of", window.of().name().toLowerCase(Locale.ROOT));
        fields.put("in_force", window.inForce().text());
        fields.put("configured", window.configured().text());
        fields.put("before", window.before().map(Instant::toString).orElse(""));
        fields.put("rows", window.rows());
        return fields;
    }
}
