package io.tidemill.runtime;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// The environment a process was started with, and the only place that reads it.
///
/// Mistakes are gathered, so that {@link #read} can report all of them at once. Not thread-safe:
/// used while starting, by one thread.
public final class Env {

    private final Map<String, String> variables;
    private final List<String> problems = new ArrayList<>();

    public Env(Map<String, String> variables) {
        this.variables = Map.copyOf(variables);
    }

    public static Env ofProcess() {
        return new Env(System.getenv());
    }

    /// The value of a setting; its default when the variable is unset or empty, and also when it is
    /// wrong, which {@link #read} then reports.
    public <T> T get(Setting<T> setting) {
        String text = variables.getOrDefault(setting.name(), "").strip();
        if (!text.isEmpty()) {
            try {
                return setting.parser().apply(text);
            } catch (IllegalArgumentException e) {
                problem(setting.name() + " " + e.getMessage());
            }
        }
        return setting.defaultValue();
    }

    /// Whether the variable is set to something.
    public boolean has(Setting<?> setting) {
        return !variables.getOrDefault(setting.name(), "").isBlank();
    }

    /// Variables that start with `prefix`, the rest of their names in lower case with dots for
    /// underscores: how raw settings reach a library.
    public Map<String, String> passThrough(String prefix) {
        return variables.entrySet().stream()
                .filter(variable -> variable.getKey().startsWith(prefix))
                .collect(
                        Collectors.toUnmodifiableMap(
                                variable ->
                                        variable.getKey()
                                                .substring(prefix.length())
                                                .toLowerCase(Locale.ROOT)
                                                .replace('_', '.'),
                                Map.Entry::getValue));
    }

    /// A copy in which some variables are replaced: how the launcher moves ports.
    public Env with(Map<String, String> overrides) {
        Map<String, String> changed = new HashMap<>(variables);
        changed.putAll(overrides);
        return new Env(changed);
    }

    /// Notes a mistake, once; also one that no single setting shows, such as two that contradict
    /// each other.
    public void problem(String message) {
        if (!problems.contains(message)) {
            problems.add(message);
        }
    }

    /// Reads what `reader` asks for, and fails with all its mistakes together.
    ///
    /// @throws InvalidSettingsException naming every wrong variable
    public <T> T read(Supplier<T> reader) {
        T value;
        try {
            value = reader.get();
        } catch (IllegalArgumentException e) {
            problem(String.valueOf(e.getMessage()));
            throw new InvalidSettingsException(problems);
        }
        if (!problems.isEmpty()) {
            throw new InvalidSettingsException(problems);
        }
        return value;
    }
}
