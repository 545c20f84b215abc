package io.tidemill.projects;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// All projects at one moment, and what each key opens. Immutable.
public final class Projects {

    /// The only project of a server without keys.
    public static final String OPEN_PROJECT = "default";

    private static final Project OPEN = Project.named(OPEN_PROJECT);
    private static final Access OPEN_TO_ALL = new Access.Granted(OPEN);
    private static final Access UNKNOWN = new Access.Unknown();
    private static final Access WRONG_USE = new Access.WrongUse();

    private final boolean open;
    private final SortedMap<String, Project> projects = new TreeMap<>();
    private final Map<KeyHash, Grant> grants = new HashMap<>();

    private record Grant(Access granted, ProjectKey key) {}

    private Projects(Collection<Project> projects, boolean open) {
        this.open = open;
        Set<String> keyIds = new HashSet<>();
        for (Project project : projects) {
            if (this.projects.put(project.id(), project) != null) {
                throw new IllegalArgumentException("the project " + project.id() + " occurs twice");
            }
            Access granted = new Access.Granted(project);
            for (ProjectKey key : project.keys()) {
                if (!keyIds.add(key.id())) {
                    throw new IllegalArgumentException("the key " + key.id() + " occurs twice");
                }
                Grant before = grants.put(key.hash(), new Grant(granted, key));
                if (before != null) {
                    throw new IllegalArgumentException(
                            "the keys "
                                    + before.key().id()
                                    + " and "
                                    + key.id()
                                    + " have the same secret");
                }
            }
        }
    }

    /// Without a projects file: everybody is let into the open project, whatever they send.
    public static Projects open() {
        return new Projects(List.of(OPEN), true);
    }

    /// @throws IllegalArgumentException when a project or a key occurs twice
    public static Projects of(Collection<Project> projects) {
        return new Projects(projects, false);
    }

    /// Whether no key is needed, nor looked at.
    public boolean isOpen() {
        return open;
    }

    public boolean hasKeys() {
        return !grants.isEmpty();
    }

    /// In the order of their names.
    public Collection<Project> all() {
        return List.copyOf(projects.values());
    }

    public Optional<Project> find(String id) {
        return Optional.ofNullable(projects.get(id));
    }

    /// What a key opens. It takes the same work whether there is such a key, and also without one:
    /// the hash of what was sent, and one look. Who measures how long that takes learns of stored
    /// keys at most something of a hash, which nobody can turn into a key.
    ///
    /// @param key as it was sent; null when there was none
    public Access authorize(@Nullable String key, KeyUse use) {
        if (open) {
            return OPEN_TO_ALL;
        }
        Grant grant = grants.get(KeyHash.of(key == null ? "" : key));
        if (grant == null) {
            return UNKNOWN;
        }
        return grant.key().uses().contains(use) ? grant.granted() : WRONG_USE;
    }

    /// The same, and one more key; also its project where that is new.
    ///
    /// @throws IllegalArgumentException when the key is there already, whoever has it
    public Projects with(String projectId, ProjectKey key) {
        Map<String, Project> changed = new TreeMap<>(closed());
        Project project = find(projectId).orElseGet(() -> Project.named(projectId));
        changed.put(projectId, project.with(key));
        return of(changed.values());
    }

    /// The same without some keys. Their projects stay, also without any.
    public Projects withoutKeys(Predicate<ProjectKey> which) {
        return of(closed().values().stream().map(project -> project.withoutKeys(which)).toList());
    }

    /// The open project is nobody's as soon as there are keys.
    private Map<String, Project> closed() {
        return open ? Map.of() : projects;
    }
}
