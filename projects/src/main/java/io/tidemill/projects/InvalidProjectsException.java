package io.tidemill.projects;

/// A projects file is not what it should be; the message says where and why, and shows no value.
public final class InvalidProjectsException extends RuntimeException {

    InvalidProjectsException(String message) {
        super(message);
    }

    InvalidProjectsException(String message, Throwable cause) {
        super(message, cause);
    }
}
