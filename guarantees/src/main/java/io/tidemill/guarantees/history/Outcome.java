package io.tidemill.guarantees.history;

/// What the sender of an event knows about it.
public enum Outcome {
    /// A 2xx: it is durable.
    ACKNOWLEDGED('A'),
    /// A 4xx, or a verdict that says no: it is not there.
    REFUSED('F'),
    /// No answer, a 5xx, or `not_durable`: it may be there.
    UNKNOWN('U');

    private final char code;

    Outcome(char code) {
        this.code = code;
    }

    /// As in the history file.
    char code() {
        return code;
    }

    static Outcome ofCode(char code) {
        for (Outcome outcome : values()) {
            if (outcome.code == code) {
                return outcome;
            }
        }
        throw new IllegalArgumentException("no outcome has the code " + code);
    }
}
