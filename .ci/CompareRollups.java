import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/// Compares `analytics.hourly_rollups` with a table of expected rollups, hour by hour; exit 1 when
/// they differ.
///
/// Arguments: the expected table (CSV: hour_index, total_events, unique_sessions, unique_users,
/// event_counts, tool_usage), the hour its first row stands for, the database for JDBC.
final class CompareRollups {

    private static final String ROLLUP =
            """
            SELECT total_events, unique_sessions, unique_users,
                   event_counts = ?::jsonb AS same_event_counts,
                   tool_usage = ?::jsonb AS same_tool_usage
              FROM analytics.hourly_rollups
             WHERE project_id = 'default' AND hour = ?""";

    public static void main(String[] args) throws Exception {
        List<String> rows = Files.readAllLines(Path.of(args[0]));
        Instant firstHour = Instant.parse(args[1]);
        int differences = 0;
        try (Connection connection = DriverManager.getConnection(args[2])) {
            for (String row : rows.subList(1, rows.size())) {
                List<String> expected = cells(row);
                Instant hour =
                        firstHour.plus(Long.parseLong(expected.getFirst()), ChronoUnit.HOURS);
                String difference = difference(connection, hour, expected);
                if (difference != null) {
                    differences++;
                    System.out.println(hour + " " + difference);
                }
            }
        }
        System.out.println(
                (rows.size() - 1 - differences) + " hours agree, " + differences + " differ");
        System.exit(differences == 0 ? 0 : 1);
    }

    private static String difference(Connection connection, Instant hour, List<String> expected)
            throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(ROLLUP)) {
            query.setString(1, expected.get(4));
            query.setString(2, expected.get(5));
            query.setObject(3, hour.atOffset(ZoneOffset.UTC));
            ResultSet rollup = query.executeQuery();
            if (!rollup.next()) {
                return "is missing";
            }
            for (int column = 1; column <= 3; column++) {
                if (rollup.getLong(column) != Long.parseLong(expected.get(column))) {
                    return "column "
                            + column
                            + " is "
                            + rollup.getLong(column)
                            + ", not "
                            + expected.get(column);
                }
            }
            if (!rollup.getBoolean(4)) {
                return "has other event_counts";
            }
            return rollup.getBoolean(5) ? null : "has another tool_usage";
        }
    }

    /// The cells of a CSV row; a quoted one may hold commas and doubled quotes.
    private static List<String> cells(String row) {
        List<String> cells = new ArrayList<>();
        StringBuilder cell = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < row.length(); i++) {
            char next = row.charAt(i);
            if (next == '"' && quoted && i + 1 < row.length() && row.charAt(i + 1) == '"') {
                cell.append(next);
                i++;
            } else if (next == '"') {
                quoted = !quoted;
            } else if (next == ',' && !quoted) {
                cells.add(cell.toString());
                cell.setLength(0);
            } else {
                cell.append(next);
            }
        }
        cells.add(cell.toString());
        return cells;
    }
}
