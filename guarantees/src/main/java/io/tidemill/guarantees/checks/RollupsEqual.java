package io.tidemill.guarantees.checks;

import io.tidemill.guarantees.checks.Counts.Hour;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// I6: rollups and their rows by dimension equal a plain GROUP BY over the raw rows, and Tidemill's
/// own comparison says the same.
final class RollupsEqual {

    private final Counts raw;

    RollupsEqual(Counts raw) {
        this.raw = raw;
    }

    /// @param tables the same numbers as the tables of rollups have them, by the table's name
    /// @param verify hours that differ by `tidemill verify`
    Verdict judge(Map<String, Counts> tables, List<String> verify) {
        Findings findings = new Findings();
        tables.forEach((table, counts) -> compare(table, counts, findings));
        verify.forEach(hour -> findings.add("verify: " + hour));
        return findings.verdict(Guarantee.I6);
    }

    private void compare(String table, Counts counts, Findings findings) {
        Set<Hour> hours = new TreeSet<>(raw.byHour().keySet());
        hours.addAll(counts.byHour().keySet());
        for (Hour hour : hours) {
            Set<String> names = new TreeSet<>(raw.of(hour).keySet());
            names.addAll(counts.of(hour).keySet());
            for (String name : names) {
                long there = counts.of(hour).getOrDefault(name, 0L);
                long expected = raw.of(hour).getOrDefault(name, 0L);
                if (there != expected) {
                    findings.add(
                            table + ", " + hour + ": " + name + " " + there + ", raw " + expected);
                }
            }
        }
    }
}
