package io.tidemill.rollup;

import io.tidemill.contract.DirtyHour;
import io.tidemill.contract.Hash128;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a step has to say of an hour since its last commit.
///
/// Not thread-safe: used by the thread of its task.
final class HourNews {

    private HourDelta delta = new HourDelta();
    private final List<Hash128> sessions = new ArrayList<>();

    /// Null while the hour is not announced.
    private @Nullable String announced;

    /// What to add to the hour.
    HourDelta delta() {
        return delta;
    }

    /// Sessions met for the first time in the hour on this shard; others may know them.
    List<Hash128> sessions() {
        return sessions;
    }

    /// Leaves an hour to the raw table, with what was counted of it, when it has too many values or
    /// was counted by several settings.
    void leaveIfUnfit() {
        if (delta.agreement().isBroken()) {
            announce(DirtyHour.SETTINGS);
            delta = new HourDelta();
        } else if (delta.isWide()) {
            announce(DirtyHour.WIDE);
            delta = new HourDelta();
        }
    }

    /// Leaves the hour to the raw table.
    ///
    /// @param reason as in {@link DirtyHour}
    /// @return whether that is news
    boolean announce(String reason) {
        if (announced != null) {
            return false;
        }
        announced = reason;
        return true;
    }

    /// The reason for which the hour is announced, if it is.
    List<String> announcements() {
        return announced == null ? List.of() : List.of(announced);
    }
}
