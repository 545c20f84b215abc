package io.tidemill.contract.settings;

import java.util.List;

/// Settings that can't be applied, with all that is wrong with them.
public final class InvalidCountingSettingsException extends RuntimeException {

    private final transient List<String> problems;

    InvalidCountingSettingsException(List<String> problems) {
        super(String.join("; ", problems));
        this.problems = List.copyOf(problems);
    }

    /// Each names its place and says what is wrong there.
    public List<String> problems() {
        return problems;
    }
}
