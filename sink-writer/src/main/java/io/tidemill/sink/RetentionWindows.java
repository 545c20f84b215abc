package io.tidemill.sink;

import static java.util.Objects.requireNonNull;

import io.tidemill.projects.Project;
import io.tidemill.projects.Projects;
import io.tidemill.projects.Retention;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/// How long what is kept: of every project that has windows of its own, and of all others.
///
/// @param byProject the windows; those of all others under {@link #OTHERS}
record RetentionWindows(SortedMap<String, Windows> byProject) {

    /// No project's name.
    static final String OTHERS = "";

    /// @param rollups also of cohorts; at least as long as raw events, which prove them
    record Windows(Retention raw, Retention rollups) {

        Windows {
            rollups = rollups.atLeast(raw);
        }
    }

    /// What a window is of.
    enum Kind {
        RAW,
        ROLLUPS
    }

    /// A window that is to become shorter.
    record Lowered(String projectId, Kind kind, Retention from, Retention to) {}

    RetentionWindows {
        byProject = Collections.unmodifiableSortedMap(new TreeMap<>(byProject));
        if (!byProject.containsKey(OTHERS)) {
            throw new IllegalArgumentException("no windows for all others");
        }
    }

    /// What the settings and the projects file say.
    static RetentionWindows of(Retention raw, Retention rollups, Projects projects) {
        SortedMap<String, Windows> windows = new TreeMap<>();
        windows.put(OTHERS, new Windows(raw, rollups));
        for (Project project : projects.all()) {
            Retention ownRaw = project.rawRetention();
            Retention ownRollups = project.rollupRetention();
            if (ownRaw != null || ownRollups != null) {
                windows.put(
                        project.id(),
                        new Windows(
                                ownRaw == null ? raw : ownRaw,
                                ownRollups == null ? rollups : ownRollups));
            }
        }
        return new RetentionWindows(windows);
    }

    Windows of(String projectId) {
        Windows own = byProject.get(projectId);
        return own == null ? requireNonNull(byProject.get(OTHERS)) : own;
    }

    Retention longestRaw() {
        return byProject.values().stream()
                .map(Windows::raw)
                .reduce(Retention::atLeast)
                .orElseThrow();
    }

    Retention shortestRaw() {
        return byProject.values().stream()
                .map(Windows::raw)
                .reduce((one, other) -> other.isShorterThan(one) ? other : one)
                .orElseThrow();
    }

    /// The windows that are shorter here than there.
    List<Lowered> loweredFrom(RetentionWindows inForce) {
        List<Lowered> lowered = new ArrayList<>();
        for (String project : bothProjects(inForce)) {
            Windows now = inForce.of(project);
            Windows wanted = of(project);
            if (wanted.raw().isShorterThan(now.raw())) {
                lowered.add(new Lowered(project, Kind.RAW, now.raw(), wanted.raw()));
            }
            if (wanted.rollups().isShorterThan(now.rollups())) {
                lowered.add(new Lowered(project, Kind.ROLLUPS, now.rollups(), wanted.rollups()));
            }
        }
        return lowered;
    }

    /// These windows, but for some that stay as long as they are.
    RetentionWindows except(Set<Lowered> refused, RetentionWindows inForce) {
        SortedMap<String, Windows> windows = new TreeMap<>(byProject);
        for (String project : bothProjects(inForce)) {
            Windows wanted = of(project);
            Retention raw = wanted.raw();
            Retention rollups = wanted.rollups();
            for (Lowered each : refused) {
                if (each.projectId().equals(project)) {
                    raw = each.kind() == Kind.RAW ? each.from() : raw;
                    rollups = each.kind() == Kind.ROLLUPS ? each.from() : rollups;
                }
            }
            Windows kept = new Windows(raw, rollups);
            if (!kept.equals(wanted)) {
                windows.put(project, kept);
            }
        }
        return new RetentionWindows(windows);
    }

    /// All projects that have windows of their own, here or there, and {@link #OTHERS} first.
    Set<String> bothProjects(RetentionWindows other) {
        Set<String> projects = new TreeSet<>(byProject.keySet());
        projects.addAll(other.byProject.keySet());
        return projects;
    }
}
