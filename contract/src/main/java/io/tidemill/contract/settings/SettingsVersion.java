package io.tidemill.contract.settings;

import io.tidemill.contract.Hours;

/// Settings as they hold from an hour on, until a later version does.
///
/// @param version from 1; 0 is what is built in
/// @param fromHourMillis start of the first hour that is counted so, ms since 1970-01-01T00:00:00Z
public record SettingsVersion(int version, long fromHourMillis, CountingSettings settings) {

    /// What holds before anything was applied.
    public static final SettingsVersion BUILT_IN =
            new SettingsVersion(0, Long.MIN_VALUE, CountingSettings.NONE);

    /// The version after this one. Holds from the second full hour on: by then every part knows it.
    /// Not from an earlier hour than this one, so that of two versions the later one always wins.
    public SettingsVersion next(CountingSettings settings, long nowMillis) {
        long secondFullHour = Hours.startOf(nowMillis) + 2 * Hours.MILLIS;
        return new SettingsVersion(version + 1, Math.max(fromHourMillis, secondFullHour), settings);
    }
}
