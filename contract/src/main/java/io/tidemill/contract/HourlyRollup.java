package io.tidemill.contract;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// The absolute numbers of one hour of one project, at one revision.
///
/// @param hourMillis start of the hour, ms since 1970-01-01T00:00:00Z
/// @param revision grows with each emission of the same hour, across restarts; a smaller one never
///   replaces a larger one
/// @param totalEvents distinct events of the hour
/// @param uniqueSessions distinct session ids, exact
/// @param uniqueUsers distinct user ids, exact
/// @param eventCounts events by `event_type`
/// @param toolUsage events by `tool_name`, of those that have one
/// @param riskDistribution events by risk mode, see {@link RiskMode}
/// @param settingsVersion of the settings by which the further parts of the hour are counted; 0
///   while none were applied
public record HourlyRollup(
        String projectId,
        long hourMillis,
        long revision,
        long totalEvents,
        long uniqueSessions,
        long uniqueUsers,
        SortedMap<String, Long> eventCounts,
        SortedMap<String, Long> toolUsage,
        SortedMap<String, Long> riskDistribution,
        int settingsVersion) {

    public HourlyRollup {
        eventCounts = copy(eventCounts);
        toolUsage = copy(toolUsage);
        riskDistribution = copy(riskDistribution);
    }

    /// An hour that has no further parts.
    public HourlyRollup(
            String projectId,
            long hourMillis,
            long revision,
            long totalEvents,
            long uniqueSessions,
            long uniqueUsers,
            SortedMap<String, Long> eventCounts,
            SortedMap<String, Long> toolUsage,
            SortedMap<String, Long> riskDistribution) {
        this(
                projectId,
                hourMillis,
                revision,
                totalEvents,
                uniqueSessions,
                uniqueUsers,
                eventCounts,
                toolUsage,
                riskDistribution,
                0);
    }

    public RollupKey key() {
        return new RollupKey(projectId, hourMillis, RollupKey.HOUR);
    }

    private static SortedMap<String, Long> copy(Map<String, Long> counts) {
        return Collections.unmodifiableSortedMap(new TreeMap<>(counts));
    }
}
