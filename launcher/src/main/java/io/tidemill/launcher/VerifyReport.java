package io.tidemill.launcher;

import io.tidemill.sink.CohortReconciliation;
import io.tidemill.sink.CohortReconciliation.ComparedCohorts;
import io.tidemill.sink.Reconciliation.ComparedHour;
import io.tidemill.sink.Reconciliation.Status;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/// What a comparison of rollups with raw rows found, for people and for programs.
///
/// @param cohorts by project; empty unless asked for
record VerifyReport(List<ComparedHour> hours, List<ComparedCohorts> cohorts) {

    VerifyReport {
        hours = List.copyOf(hours);
        cohorts = List.copyOf(cohorts);
    }

    /// Of hours alone.
    VerifyReport(List<ComparedHour> hours) {
        this(hours, List.of());
    }

    boolean allAgree() {
        return count(Status.DIFFERENT) == 0
                && cohorts.stream()
                        .noneMatch(each -> each.status() == CohortReconciliation.Status.DIFFERENT);
    }

    /// Whether an hour that was over at this instant could not be compared yet.
    boolean waitsFor(Instant now) {
        return hours.stream()
                .anyMatch(hour ->
                        hour.status() == Status.OPEN
                                && !hour.hour().plusSeconds(3_600).isAfter(now));
    }

    /// A line an hour, one for the cohorts of a project, and one that sums up.
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (ComparedHour hour : hours) {
            String line = hour.hour() + "  " + hour.projectId() + "  " + label(hour.status());
            lines.add(hour.difference().isEmpty() ? line : line + ": " + hour.difference());
        }
        for (ComparedCohorts each : cohorts) {
            String line = "cohorts  " + each.projectId() + "  " + label(each.status());
            lines.add(each.detail().isEmpty() ? line : line + ": " + each.detail());
        }
        lines.add(
                String.format(
                        Locale.ROOT,
                        "%,d hours agree, %,d differ, %,d are open, %,d are expired",
                        count(Status.EQUAL),
                        count(Status.DIFFERENT),
                        count(Status.OPEN),
                        count(Status.EXPIRED)));
        return lines;
    }

    String json() {
        Map<String, Object> report = new LinkedHashMap<>();
        for (Status status : Status.values()) {
            report.put(label(status), count(status));
        }
        report.put("hours", hours.stream().map(VerifyReport::fields).toList());
        if (!cohorts.isEmpty()) {
            report.put("cohorts", cohorts.stream().map(VerifyReport::fields).toList());
        }
        return JsonMapper.shared().writeValueAsString(report);
    }

    private long count(Status status) {
        return hours.stream().filter(hour -> hour.status() == status).count();
    }

    private static Map<String, String> fields(ComparedHour hour) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("project_id", hour.projectId());
        fields.put("hour", hour.hour().toString());
        fields.put("status", label(hour.status()));
        fields.put("difference", hour.difference());
        return fields;
    }

    private static Map<String, String> fields(ComparedCohorts each) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("project_id", each.projectId());
        fields.put("status", label(each.status()));
        fields.put("detail", each.detail());
        return fields;
    }

    private static String label(Enum<?> status) {
        return status.name().toLowerCase(Locale.ROOT);
    }
}
