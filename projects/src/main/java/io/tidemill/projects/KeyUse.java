package io.tidemill.projects;

import java.util.Locale;

/// What a key is good for.
public enum KeyUse {
    /// Sends events, and reads none.
    WRITE("wk_"),
    /// Reads, and sends none.
    READ("rk_");

    private final String prefix;

    KeyUse(String prefix) {
        this.prefix = prefix;
    }

    /// What the secrets begin with that are made for it.
    public String prefix() {
        return prefix;
    }

    /// As in the projects file and on the command line.
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
