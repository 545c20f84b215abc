package io.tidemill.runtime;

import java.util.List;
import java.util.stream.Collectors;

/// Settings as a table for the documentation, so that it can't differ from the code.
public final class SettingsTable {

    private static final String HEAD = "| variable | default | meaning |\n|---|---|---|\n";

    private SettingsTable() {}

    /// A Markdown table, one row a variable, in the order given.
    public static String markdown(List<Setting<?>> settings) {
        return settings.stream()
                .map(SettingsTable::row)
                .distinct()
                .collect(Collectors.joining("", HEAD, ""));
    }

    private static String row(Setting<?> setting) {
        String defaultText =
                setting.defaultText().isEmpty() ? "" : "`" + setting.defaultText() + "` ";
        return "| `"
                + setting.name()
                + "` | "
                + defaultText
                + "| "
                + setting.description().replace("|", "\\|")
                + " |\n";
    }
}
