package io.tidemill.sink;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Compares retention cohorts with what raw events say. Needs no more than the role `analyst` may
/// read. Not thread-safe.
///
/// They can be compared as long as both reach back to the same day: raw events are kept for a
/// while, cohorts for longer. An identity that was sent under several users counts for each of them
/// here, and is a row of one of them there: that is a difference, too.
public final class CohortReconciliation {

    public enum Status {
        EQUAL,
        DIFFERENT,
        /// Events may still be on their way.
        OPEN,
        /// Both don't reach back to the same day.
        NOT_COMPARABLE
    }

    /// The cohorts of one project.
    ///
    /// @param detail what differs, or how far both reach back, in words; else empty
    public record ComparedCohorts(String projectId, Status status, String detail) {}

    private static final int NAMED_DIFFERENCES = 10;

    private static final String PROJECTS =
            """
            SELECT project_id, first_cohort, (first_event.timestamp AT TIME ZONE 'UTC')::date AS first_raw
              FROM (SELECT DISTINCT project_id FROM analytics.hourly_rollups) AS known
              FULL JOIN (SELECT project_id, min(cohort_day) AS first_cohort
                           FROM analytics.retention_cohorts GROUP BY project_id) AS cohorts USING (project_id)
              LEFT JOIN LATERAL (SELECT timestamp
                                   FROM analytics.events
                                  WHERE events.project_id = coalesce(known.project_id, cohorts.project_id)
                                    AND user_id IS NOT NULL
                                  ORDER BY timestamp
                                  LIMIT 1) AS first_event ON true
             ORDER BY project_id
            """;

    private static final String DIFFERENCES =
            """
            SELECT format('%s day %s: %s, raw %s', cohort_day, day_number, coalesce(kept.users, 0), coalesce(raw.users, 0)) AS difference
              FROM (SELECT cohort_day, day_number, users
                      FROM analytics.retention_cohorts
                     WHERE project_id = ?) AS kept
              FULL JOIN analytics.raw_retention(?) AS raw USING (cohort_day, day_number)
             WHERE kept.users IS DISTINCT FROM raw.users
             ORDER BY cohort_day, day_number
            """;

    private final Connection connection;

    /// @param connection stays the caller's to close
    public CohortReconciliation(Connection connection) {
        this.connection = connection;
    }

    /// What one look at a project found.
    ///
    /// @param apart how far both reach back, when not to the same day
    private record Look(Optional<String> apart, List<String> differences) {}

    /// Compares the cohorts of all projects, and looks again when some differ: a difference stands
    /// when two looks show it and everything that was acknowledged before the first is complete at
    /// the second. Scans all raw events of the projects that can be compared.
    ///
    /// @param patience to wait for that
    public List<ComparedCohorts> verify(Duration patience)
            throws SQLException, InterruptedException {
        Map<String, Look> first = look();
        if (first.values().stream().allMatch(look -> look.differences().isEmpty())) {
            return compared(first, first);
        }
        new Reconciliation(connection).awaitCompleteness(patience);
        return compared(first, look());
    }

    private static List<ComparedCohorts> compared(
            Map<String, Look> first, Map<String, Look> second) {
        List<ComparedCohorts> compared = new ArrayList<>();
        second.forEach((project, look) -> compared.add(compared(project, first, look)));
        return compared;
    }

    private static ComparedCohorts compared(String project, Map<String, Look> first, Look second) {
        if (second.apart().isPresent()) {
            return new ComparedCohorts(project, Status.NOT_COMPARABLE, second.apart().get());
        }
        if (second.differences().isEmpty()) {
            return new ComparedCohorts(project, Status.EQUAL, "");
        }
        Look before = first.get(project);
        List<String> lasting = new ArrayList<>(second.differences());
        lasting.retainAll(before == null ? List.of() : before.differences());
        return lasting.isEmpty()
                ? new ComparedCohorts(project, Status.OPEN, "")
                : new ComparedCohorts(project, Status.DIFFERENT, words(lasting));
    }

    private static String words(List<String> differences) {
        String named = String.join("; ", differences.stream().limit(NAMED_DIFFERENCES).toList());
        int more = differences.size() - NAMED_DIFFERENCES;
        return more > 0 ? named + "; and " + more + " more" : named;
    }

    private Map<String, Look> look() throws SQLException {
        Map<String, Look> looks = new LinkedHashMap<>();
        try (PreparedStatement statement = connection.prepareStatement(PROJECTS);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                String project = row.getString("project_id");
                Optional<String> apart =
                        apart(
                                row.getObject("first_cohort", LocalDate.class),
                                row.getObject("first_raw", LocalDate.class));
                looks.put(
                        project,
                        new Look(apart, apart.isPresent() ? List.of() : differences(project)));
            }
        }
        return looks;
    }

    /// A side that knows nothing at all is compared: that it should know something is a difference.
    private static Optional<String> apart(
            @Nullable LocalDate firstCohort, @Nullable LocalDate firstRaw) {
        return firstCohort == null || firstRaw == null || firstCohort.equals(firstRaw)
                ? Optional.empty()
                : Optional.of(
                        "cohorts reach back to " + firstCohort + ", raw events to " + firstRaw);
    }

    private List<String> differences(String project) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(DIFFERENCES)) {
            statement.setString(1, project);
            statement.setString(2, project);
            try (ResultSet row = statement.executeQuery()) {
                List<String> differences = new ArrayList<>();
                while (row.next()) {
                    differences.add(row.getString("difference"));
                }
                return differences;
            }
        }
    }
}
