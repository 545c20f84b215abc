package io.tidemill.query;

/// A parameter that can't be understood; the message is a sentence that names it.
final class BadParameterException extends RuntimeException {

    BadParameterException(String parameter, String complaint) {
        super(parameter + " " + complaint);
    }
}
