package io.tidemill.runtime;

import java.util.List;
import java.util.stream.Collectors;

/// Error codes as a table for the documentation, so that it can't differ from the code.
public final class ErrorTable {

    private static final String HEAD =
            "| code | status | about | meaning | what to do |\n|---|---|---|---|---|\n";

    private ErrorTable() {}

    /// A Markdown table, one row a code, in the order given.
    public static String markdown(List<? extends ErrorCode> errors) {
        return errors.stream().map(ErrorTable::row).collect(Collectors.joining("", HEAD, ""));
    }

    private static String row(ErrorCode error) {
        return "| `"
                + error.code()
                + "` | "
                + error.status()
                + " | "
                + String.join(" | ", error.where(), error.meaning(), error.remedy())
                + " |\n";
    }
}
