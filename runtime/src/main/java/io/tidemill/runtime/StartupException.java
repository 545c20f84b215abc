package io.tidemill.runtime;

/// The process can't start or go on for a reason that the person who started it can mend. The
/// message is the one line they see; no stack trace follows it.
public final class StartupException extends RuntimeException {

    public StartupException(String message) {
        super(message);
    }

    public StartupException(String message, Throwable cause) {
        super(message, cause);
    }
}
