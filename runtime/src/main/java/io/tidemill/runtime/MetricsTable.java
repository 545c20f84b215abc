package io.tidemill.runtime;

import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Metrics as a table for the documentation, read from what Prometheus reads, so that it can't
/// differ from the code.
public final class MetricsTable {

    private static final String HEAD = "| metric | type | labels | meaning |\n|---|---|---|---|\n";
    private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+) (\\S+)");
    private static final Pattern HELP = Pattern.compile("# HELP (\\S+) (.+)");
    private static final Pattern SAMPLE = Pattern.compile("([a-zA-Z_:][\\w:]*)\\{(.*)} \\S+");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"(?:[^\"\\\\]|\\\\.)*\"");

    /// Those that Prometheus makes of a histogram's or a summary's own structure.
    private static final Set<String> STRUCTURE = Set.of("le", "quantile");

    private final Map<String, Row> rows = new TreeMap<>();

    private static final class Row {
        private String type = "";
        private String help = "";
        private final Set<String> labels = new TreeSet<>();
    }

    private MetricsTable() {}

    /// A Markdown table, one row a metric, by name.
    ///
    /// @param scrape the Prometheus text format; labels are those of the series in it
    /// @param prefix of the names of the metrics to show
    public static String markdown(String scrape, String prefix) {
        MetricsTable table = new MetricsTable();
        scrape.lines().forEach(table::read);
        StringBuilder markdown = new StringBuilder(HEAD);
        table.rows.forEach((name, row) -> {
            // The largest value of late is a gauge beside each timer, of no use to Prometheus.
            if (name.startsWith(prefix) && !name.endsWith("_max")) {
                markdown.append(line(name, row));
            }
        });
        return markdown.toString();
    }

    private void read(String line) {
        Matcher type = TYPE.matcher(line);
        Matcher help = HELP.matcher(line);
        Matcher sample = SAMPLE.matcher(line);
        if (type.matches()) {
            row(type.group(1)).type = type.group(2);
        } else if (help.matches()) {
            row(help.group(1)).help = help.group(2).strip();
        } else if (sample.matches()) {
            Set<String> labels = family(sample.group(1)).labels;
            Matcher label = LABEL.matcher(sample.group(2));
            while (label.find()) {
                if (!STRUCTURE.contains(label.group(1))) {
                    labels.add(label.group(1));
                }
            }
        }
    }

    private Row row(String name) {
        return rows.computeIfAbsent(name, _ -> new Row());
    }

    /// A histogram's samples carry its name and an ending.
    private Row family(String sample) {
        return rows.entrySet().stream()
                .filter(row -> sample.startsWith(row.getKey()))
                .max(Comparator.comparingInt(row -> row.getKey().length()))
                .map(Map.Entry::getValue)
                .orElseGet(() -> row(sample));
    }

    private static String line(String name, Row row) {
        String labels = row.labels.isEmpty() ? "" : "`" + String.join("`, `", row.labels) + "` ";
        return "| `%s` | %s | %s| %s |%n".formatted(name, row.type, labels, row.help);
    }
}
