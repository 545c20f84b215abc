package io.tidemill.contract.settings;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// All versions that there are, in their order.
public record SettingsHistory(List<SettingsVersion> versions) {

    /// Nothing was ever applied.
    public static final SettingsHistory NONE = new SettingsHistory(List.of());

    public SettingsHistory {
        versions =
                versions.stream()
                        .sorted(Comparator.comparingInt(SettingsVersion::version))
                        .toList();
    }

    /// With a version more, or in place of the one with its number.
    public SettingsHistory with(SettingsVersion version) {
        List<SettingsVersion> all = new ArrayList<>(versions);
        all.removeIf(known -> known.version() == version.version());
        all.add(version);
        return new SettingsHistory(all);
    }

    /// The version by which an hour is counted: the last that holds from it or from an earlier one.
    public SettingsVersion at(long hourMillis) {
        for (int i = versions.size() - 1; i >= 0; i--) {
            if (versions.get(i).fromHourMillis() <= hourMillis) {
                return versions.get(i);
            }
        }
        return SettingsVersion.BUILT_IN;
    }

    public SettingsVersion newest() {
        return versions.isEmpty() ? SettingsVersion.BUILT_IN : versions.getLast();
    }
}
